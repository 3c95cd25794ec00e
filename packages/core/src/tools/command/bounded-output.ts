/** Bytes kept from the beginning and from the end of a stream. */
const headBytes = 20 * 1024;
const tailBytes = 20 * 1024;

/** Keeps the beginning and the end of a stream, whatever its length, in bounded memory. */
export class BoundedOutput {
  #head = Buffer.alloc(0);
  #tail: Buffer[] = [];
  #tailLength = 0;
  #leftOut = 0;

  add(chunk: Buffer): void {
    const room = headBytes - this.#head.length;
    if (room > 0) this.#head = Buffer.concat([this.#head, chunk.subarray(0, room)]);
    const rest = chunk.subarray(Math.max(0, room));
    if (rest.length === 0) return;
    this.#tail.push(rest);
    this.#tailLength += rest.length;
    if (this.#tailLength > 4 * tailBytes) this.#shrink();
  }

  get truncated(): boolean {
    return this.#leftOut + this.#tailLength > tailBytes;
  }

  text(): string {
    this.#shrink();
    const tail = Buffer.concat(this.#tail);
    if (this.#leftOut === 0) return Buffer.concat([this.#head, tail]).toString("utf8");
    // What a cut through the middle of a character leaves is dropped.
    const head = this.#head.toString("utf8").replace(/\ufffd$/, "");
    const end = tail.toString("utf8").replace(/^\ufffd{1,3}/, "");
    return `${head}\n… ${this.#leftOut} bytes left out …\n${end}`;
  }

  #shrink(): void {
    const tail = Buffer.concat(this.#tail);
    const kept = Buffer.from(tail.subarray(Math.max(0, tail.length - tailBytes)));
    this.#leftOut += tail.length - kept.length;
    this.#tail = [kept];
    this.#tailLength = kept.length;
  }
}
