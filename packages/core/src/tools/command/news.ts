import { StringDecoder } from "node:string_decoder";

/** How often news go out at most, in milliseconds, and how much of them, in characters. */
const interval = 100;
const maxLength = 4000;

/** Passes the text of a stream on as it comes, gathered, and cut to its end where it comes too fast. */
export class StreamNews {
  readonly #decoder = new StringDecoder("utf8");
  readonly #tell: (text: string) => void;
  #pending = "";
  #timer: NodeJS.Timeout | null = null;

  constructor(tell: (text: string) => void) {
    this.#tell = tell;
  }

  add(chunk: Buffer): void {
    this.#pending = (this.#pending + this.#decoder.write(chunk)).slice(-maxLength);
    this.#timer ??= setTimeout(() => this.flush(), interval);
  }

  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#pending !== "") this.#tell(this.#pending);
    this.#pending = "";
  }
}
