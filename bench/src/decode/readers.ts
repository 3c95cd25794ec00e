import { Agent } from "node:http";
import type { LanguageModel } from "@orquestra/core";
import { type Wire, modelAt } from "../lib/model.ts";
import { postSse, sseReader } from "../lib/post-sse.ts";

/** Reads one answer and gives its text, piece by piece. */
export type Reader = (prompt: string, onText: (text: string) => void) => Promise<void>;

export const readers = ["minimal", "fetch", "ours"] as const;
export type ReaderName = (typeof readers)[number];

/** What is measured: our adapter, and two programs that do no more than read the same bytes. */
export function openReader(name: ReaderName, wire: Wire, url: string): Reader {
  if (name === "ours") return ours(modelAt({ wire, url, model }));
  return name === "minimal" ? minimal(wire, url) : overFetch(wire, url);
}

const model = "scripted";

function ours(adapter: LanguageModel): Reader {
  return async (prompt, onText) => {
    const messages = [{ role: "user" as const, content: [{ type: "text" as const, text: prompt }] }];
    for await (const batch of adapter.stream({ system: "", messages }, new AbortController().signal)) {
      for (const part of batch) {
        if (part.type === "text") onText(part.text);
        else if (part.type === "error") throw part.error;
      }
    }
  };
}

function minimal(wire: Wire, url: string): Reader {
  const agent = new Agent({ keepAlive: true, maxSockets: 1000 });
  return (prompt, onText) => postSse({ url: `${url}${paths[wire]}`, body: bodyOf(prompt), agent }, textPicker(wire, onText));
}

function overFetch(wire: Wire, url: string): Reader {
  return async (prompt, onText) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${url}${paths[wire]}`, { method: "POST", headers, body: JSON.stringify(bodyOf(prompt)) });
    if (!response.ok || response.body === null) throw new Error(`${wire}: HTTP ${response.status} ${await response.text()}`);
    const read = sseReader(textPicker(wire, onText));
    const decoder = new TextDecoder();
    const bytes: ReadableStream<Uint8Array> = response.body;
    for await (const chunk of bytes) read(decoder.decode(chunk, { stream: true }));
  };
}

const paths: { readonly [wire in Wire]: string } = {
  chat: "/chat/completions",
  responses: "/responses",
  messages: "/messages",
};

function bodyOf(prompt: string): object {
  return { model, stream: true, max_tokens: 4096, messages: [{ role: "user", content: prompt }] };
}

/** The members that carry text, of whichever wire. */
interface SomeEvent {
  readonly type?: string;
  readonly choices?: readonly { readonly delta: { readonly content?: string } }[];
  readonly delta?: string | { readonly text?: string };
}

function textPicker(wire: Wire, onText: (text: string) => void): (data: string) => void {
  const pick = pickers[wire];
  return (data) => {
    if (data === "[DONE]") return;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it comes from the bench's own server, and checking costs
    const text = pick(JSON.parse(data) as SomeEvent);
    if (text !== undefined && text !== "") onText(text);
  };
}

const pickers: { readonly [wire in Wire]: (event: SomeEvent) => string | undefined } = {
  chat: ({ choices }) => choices?.[0]?.delta.content,
  responses: ({ type, delta }) => (type === "response.output_text.delta" && typeof delta === "string" ? delta : undefined),
  messages: ({ type, delta }) => (type === "content_block_delta" && typeof delta === "object" ? delta.text : undefined),
};
