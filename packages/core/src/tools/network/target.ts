import { isIP } from "node:net";
import { ToolError } from "../tool-error.ts";

/** Where a request goes, in the one spelling that is checked, shown and dialled. */
export interface Target {
  /** Without a fragment, its host in ASCII and without a dot at the end. */
  readonly url: URL;
  /** The host: a name, or an address without brackets. */
  readonly host: string;
  readonly isAddress: boolean;
}

const longestUrl = 8192;

/**
 * Ports browsers refuse for http, from 1024 on: other protocols live there, and one that reads lines may take a request for
 * commands. Below 1024 only 80 and 443 speak http; above, documentation and test servers are found on any port.
 */
const refusedPorts = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10_080,
]);

/**
 * Names that never lead to the public web (RFC 6761, 6762, 7686, 8375, 9476, `internal`), and endings that belong to nobody and
 * that networks use for themselves (RFC 6762, appendix G). No name server is asked for them.
 */
const specialNames =
  /(?:^|\.)(?:localhost|local|internal|home\.arpa|onion|alt|test|invalid|localdomain|intranet|private|corp|home|lan)$/;

const domainName = /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}$/;

/**
 * Reads an address as browsers do, so that every spelling of a host becomes one. Throws a ToolError `url_refused` for what is
 * not plainly an http or https address.
 */
export function parseTarget(text: string): Target {
  if (text.length > longestUrl) throw refused(`It is longer than ${longestUrl} characters.`);
  // A reader drops some of these and takes others for a slash: what a person reads would not be where the request goes.
  if (/[\p{C}\p{Z}\\]/u.test(text))
    throw refused("It contains blanks, backslashes or invisible characters; write them as %20, %5C …");
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) throw refused("Give a whole address like https://example.org/page.");
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") throw refused("Leave out the user name and password before the @.");
  if (url.hostname.endsWith(".")) url.hostname = url.hostname.slice(0, -1);
  url.hash = "";
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return { url, host, isAddress: isIP(host) !== 0 };
}

/** Throws a ToolError for a port or a name that is none of the public web's. */
export function assertPublicTarget({ url, host, isAddress }: Target): void {
  const port = Number(url.port);
  if (url.port !== "" && port !== 80 && port !== 443 && (port < 1024 || refusedPorts.has(port)))
    throw refused(`Port ${url.port} is for other protocols; the web is read on 80, 443 and most ports from 1024 on.`);
  if (isAddress) return;
  if (!host.includes(".") || specialNames.test(host)) throw addressRefused();
  if (!domainName.test(host)) throw refused("Its host is no name that can be looked up.");
}

/** Says nothing of what was found out about the name: whether it exists inside is nobody's business. */
export function addressRefused(): ToolError {
  return new ToolError(
    "address_refused",
    "That address leads, or may lead, to this machine or its network. Only public addresses of the web can be opened.",
  );
}

function refused(what: string): ToolError {
  return new ToolError("url_refused", `This address cannot be opened. ${what}`);
}
