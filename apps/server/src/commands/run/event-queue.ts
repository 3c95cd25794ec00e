import type { OrquestraEvent } from "@orquestra/protocol";

/** Events in the order they came, for a reader that takes its time. */
export class EventQueue implements AsyncIterable<OrquestraEvent> {
  readonly #events: OrquestraEvent[] = [];
  #wake: () => void = () => undefined;
  #failure: { readonly error: unknown } | null = null;

  push(event: OrquestraEvent): void {
    this.#events.push(event);
    this.#wake();
  }

  /** The reader gets this error once it has read what came before. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<OrquestraEvent> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) yield event;
      else if (this.#failure !== null) throw this.#failure.error;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
