import { type Truth, ofAny, truth } from "./truth.ts";

/** A host that a rule names; `below` for all hosts under it, and not itself. Without a port: the scheme's own. */
export type HostPattern =
  | { readonly host: string; readonly below: boolean; readonly port: string }
  | { readonly problem: string };

const protocols: ReadonlySet<string> = new Set(["http:", "https:", "ws:", "wss:"]);

export function hostPattern(text: string): HostPattern {
  const below = text.startsWith("*.");
  const rest = below ? text.slice(2) : text;
  const parsed = rest.includes("*") || /[/?#@\\\s\p{C}]/u.test(rest) ? null : parse(`http://${rest}`);
  if (parsed === null || parsed.hostname === "") {
    return { problem: "must be a host like example.org, example.org:8443 or *.example.org, without scheme and path" };
  }
  const port = /:(\d+)$/.exec(rest)?.[1] ?? "";
  return { host: bare(parsed.hostname), below, port };
}

/**
 * Whether an address leads to one of the hosts: on the parsed address, never on its text. What names a user, uses another scheme
 * or holds characters that programs read differently is unknown.
 */
export function hostIn(address: string, hosts: readonly HostPattern[]): Truth {
  if (/[\\\s\p{C}]/u.test(address)) return "unknown";
  const url = parse(address);
  if (url === null || !protocols.has(url.protocol) || url.username !== "" || url.password !== "") return "unknown";
  return ofAny(hosts.map((pattern) => leadsTo(url, pattern)));
}

function leadsTo(url: URL, pattern: HostPattern): Truth {
  if ("problem" in pattern) return "unknown";
  const host = bare(url.hostname);
  const same = pattern.below ? host.endsWith(`.${pattern.host}`) : host === pattern.host;
  return truth(same && portOf(url) === (pattern.port || defaultPort(url)));
}

function portOf(url: URL): string {
  return url.port || defaultPort(url);
}

function defaultPort({ protocol }: URL): string {
  return protocol === "http:" || protocol === "ws:" ? "80" : "443";
}

/** One dot at the end names the same host. */
function bare(hostname: string): string {
  return hostname.endsWith(".") ? hostname.slice(0, -1) : hostname;
}

function parse(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}
