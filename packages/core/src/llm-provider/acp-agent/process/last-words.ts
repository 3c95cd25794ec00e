import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { StringDecoder } from "node:string_decoder";

const kept = 4096;

/** The end of what a program wrote to its stderr, however much that is. */
export class LastWords {
  readonly #decoder = new StringDecoder("utf8");
  /** When all of them are there. */
  readonly ended: Promise<unknown>;
  #tail = "";

  constructor(stderr: Readable) {
    stderr.on("data", (chunk: Buffer) => {
      this.#tail = (this.#tail + this.#decoder.write(chunk)).slice(-kept);
    });
    this.ended = finished(stderr).catch(() => undefined);
  }

  /** The last line with something in it. */
  get line(): string {
    return this.#tail.trimEnd().split("\n").at(-1)?.trim() ?? "";
  }
}
