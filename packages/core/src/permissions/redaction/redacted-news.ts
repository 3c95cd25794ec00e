import type { Json } from "@orquestra/protocol";
import type { Redactor } from "./redactor.ts";

/**
 * What a tool tells while it runs, without secrets. What a program prints (`{ stream, text }`) goes on from one piece of news to
 * the next of its stream, so a secret that is cut in two is found all the same. What is held back at the end is in the result.
 */
export class RedactedNews {
  readonly #redactor: Redactor;
  /** Of each stream the end that may be the beginning of a secret. */
  readonly #held = new Map<string, string>();

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  clean(data: Json): Json {
    if (this.#redactor.isEmpty) return data;
    if (!isPiece(data)) return this.#redactor.json(data);
    const text = this.#redactor.text((this.#held.get(data.stream) ?? "") + data.text);
    const open = this.#redactor.openFrom(text);
    this.#held.set(data.stream, text.slice(open));
    return { ...this.#redactor.json(data), text: text.slice(0, open) };
  }
}

interface Piece {
  readonly stream: string;
  readonly text: string;
  readonly [member: string]: Json;
}

function isPiece(data: Json): data is Piece {
  if (typeof data !== "object" || data === null || !("text" in data) || !("stream" in data)) return false;
  return typeof data["text"] === "string" && typeof data["stream"] === "string";
}
