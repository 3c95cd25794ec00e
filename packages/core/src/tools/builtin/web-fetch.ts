import { domainToUnicode } from "node:url";
import { z } from "zod";
import { type Fetched, type SafeFetch, createSafeFetch } from "../network/safe-fetch.ts";
import { assertPublicTarget, parseTarget } from "../network/target.ts";
import { textOfBytes } from "../page/charset.ts";
import { readPage } from "../page/read-page.ts";
import { ToolError } from "../tool-error.ts";
import { type AnyTool, defineTool } from "../tool.ts";
import { titleText } from "./files-of.ts";

const defaultLength = 20_000;

const input = z.object({
  url: z.string().min(1),
  max_length: z.number().int().min(100).max(200_000).optional(),
});

const accept = "text/html, application/xhtml+xml, text/markdown;q=0.9, text/plain;q=0.9, application/json;q=0.9, */*;q=0.5";

/** `safeFetch` is for tests: the default opens public addresses only. */
export function webFetchTool(safeFetch: SafeFetch = createSafeFetch()): AnyTool {
  return defineTool({
    name: "web_fetch",
    description: "Opens a page of the web and gives its text as Markdown: title, text, links. Also plain text and JSON.",
    input,
    output: z.object({ url: z.string(), title: z.string(), text: z.string(), truncated: z.boolean() }),
    // Whatever is written into an address leaves this machine.
    effects: ["egress"],
    critical: ["url"],
    integrity: "outside",
    idempotent: true,
    undoable: false,
    timeoutMs: 60_000,
    concurrency: 8,
    title: ({ url }) => `Open ${titleText(url, "a page")}`,
    preview: async ({ url }) => ({ summary: summaryOf(url) }),
    async run({ url, max_length: maxLength = defaultLength }, call) {
      const answer = await safeFetch(url, { signal: call.signal, headers: { accept } });
      assertFound(answer);
      const { title, text, truncated } = await textOf(answer, call.signal);
      const shown = start(text, maxLength);
      return { url: answer.url, title, text: shown, truncated: truncated || shown.length < text.length };
    },
  });
}

/** All of what is sent, as it is sent; beside it what it says in plain characters. */
function summaryOf(text: string): string {
  const target = parseTarget(text);
  assertPublicTarget(target);
  const { url, host } = target;
  const name = domainToUnicode(host);
  const path = decoded(url.pathname);
  const said = [...url.searchParams].map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  const parts = [
    `send GET ${url.href}`,
    name === host || name === "" ? `to ${host}` : `to ${host} (which reads ${name})`,
    ...(path === url.pathname ? [] : [`path: ${JSON.stringify(path)}`]),
    ...(said.length === 0 ? [] : [`query: ${said.join(", ")}`]),
  ];
  return parts.join("; ");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function assertFound({ url, status }: Fetched): void {
  if (status >= 200 && status < 300) return;
  const { host } = new URL(url);
  const retryable = status === 429 || status >= 500;
  const advice =
    status === 404 || status === 410
      ? "There is no such page; look for its address."
      : status === 401 || status === 403
        ? "It does not show this page to everybody."
        : retryable
          ? "Try again later."
          : "Look for the same elsewhere.";
  throw new ToolError(`http_${status}`, `${host} answered ${status}. ${advice}`, { retryable });
}

interface Text {
  readonly title: string;
  readonly text: string;
  readonly truncated: boolean;
}

async function textOf({ url, headers, bytes, truncated }: Fetched, signal: AbortSignal): Promise<Text> {
  const contentType = headers["content-type"] ?? "";
  const kind = kindOf(contentType, bytes);
  const text = textOfBytes(bytes, contentType);
  if (kind === "text") return { title: "", text, truncated };
  const page = await readPage({ html: text, url }, { signal });
  return { title: page.title, text: page.text, truncated: truncated || page.cut };
}

/** Throws a ToolError `not_text` for what cannot be read. What a server calls nothing is looked at. */
function kindOf(contentType: string, bytes: Buffer): "page" | "text" {
  const type = contentType.split(";")[0]?.trim().toLowerCase() ?? "";
  if (type === "text/html" || type === "application/xhtml+xml") return "page";
  const isText = /^text\/|^application\/(?:json|xml|yaml|x-yaml|toml|javascript|x-ndjson|x-sh)$|\+(?:json|xml|yaml)$/.test(type);
  const wide = /^(?:\ufeff|\ufffe)/.test(bytes.toString("utf16le", 0, 2)) || /charset=["']?utf-?(?:16|32)/i.test(contentType);
  if ((!isText && type !== "") || (!wide && bytes.subarray(0, 4096).includes(0))) throw notText(type, bytes.length);
  return type === "" && /^\s*<(?:!doctype html|html)\b/i.test(bytes.toString("latin1", 0, 500)) ? "page" : "text";
}

function notText(type: string, length: number): ToolError {
  const size = length < 10_000 ? `${length} bytes` : `${Math.round(length / 1000)} kB`;
  return new ToolError(
    "not_text",
    `What is there is no text but ${type === "" ? "binary data" : type} (${size}). Only pages and text can be read.`,
  );
}

/** Not cut through a character. */
function start(text: string, length: number): string {
  const part = text.slice(0, length);
  return part.length < text.length ? part.replace(/[\ud800-\udbff]$/, "") : part;
}
