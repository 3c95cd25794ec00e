import type { ByteSource } from "./byte-source.ts";

/** One piece a read, then the end; or nothing more until it is cancelled, where it stays open. */
export class ScriptedBytes implements ByteSource {
  cancelled = false;
  readonly #pieces: Uint8Array[];
  readonly #end: "closed" | "open" | Error;
  #waiting: (() => void) | null = null;

  constructor(pieces: readonly (string | Uint8Array)[], end: "closed" | "open" | Error = "closed") {
    this.#pieces = pieces.map((piece) => (typeof piece === "string" ? new Uint8Array(Buffer.from(piece)) : piece));
    this.#end = end;
  }

  async read(): Promise<Uint8Array | null> {
    const next = this.#pieces.shift();
    if (next !== undefined) return next;
    if (this.#end instanceof Error) throw this.#end;
    if (this.#end === "open" && !this.cancelled) await new Promise<void>((done) => (this.#waiting = done));
    return null;
  }

  cancel(): void {
    this.cancelled = true;
    this.#waiting?.();
  }
}
