/** An answer encoded once and sent many times. */
export interface EncodedReply {
  /** One buffer a token; what belongs before a token (a block's start, the end of the last one) is in the same buffer. */
  readonly tokens: readonly Buffer[];
  /** The last token by itself, for answers that never end. */
  readonly lastToken: Buffer;
  /** What comes after the last token. */
  readonly closing: Buffer;
}

/** Collects the events of an answer. */
export class FrameList {
  readonly #encode: (event: object) => string;
  readonly #tokens: Buffer[] = [];
  #lastToken = Buffer.alloc(0);
  #pending = "";

  constructor(encode: (event: object) => string) {
    this.#encode = encode;
  }

  /** An event that goes along with the next token, or with the end. */
  add(event: object): void {
    this.#pending += this.#encode(event);
  }

  /** An event that is sent when its time has come. */
  addToken(event: object): void {
    const text = this.#encode(event);
    this.#lastToken = Buffer.from(text);
    this.#tokens.push(Buffer.from(this.#pending + text));
    this.#pending = "";
  }

  addText(text: string): void {
    this.#pending += text;
  }

  finish(): EncodedReply {
    return { tokens: this.#tokens, lastToken: this.#lastToken, closing: Buffer.from(this.#pending) };
  }
}

/** An event with its name above it, as OpenAI's Responses and Anthropic send them. */
export function namedEvent(event: object): string {
  const name = "type" in event ? String(event.type) : "message";
  return `event: ${name}\ndata: ${JSON.stringify(event)}\n\n`;
}
