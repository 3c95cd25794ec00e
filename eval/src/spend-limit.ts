import type { OrquestraEvent, Usage } from "@orquestra/protocol";
import { endingUsage } from "./measure.ts";
import { isEnding } from "./outcome.ts";

export interface SpendCap {
  /** Tokens of all runs together, in and out. */
  readonly tokens?: number | undefined;
  /** In the currency of the price table. */
  readonly cost?: number | undefined;
}

/** Counts what all runs use, turn by turn, and stops them when it is enough: what a turn costs is known at its end. */
export class SpendLimit {
  readonly #cap: SpendCap;
  readonly #stop = new AbortController();
  #tokens = 0;
  #cost = 0;

  constructor(cap: SpendCap) {
    this.#cap = cap;
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  watch(event: OrquestraEvent): void {
    if (event.type === "turn-completed") this.#use(event.data.usage);
    if (isEnding(event)) this.#pay(event.data.cost ?? null, endingUsage(event));
  }

  #use({ inputTokens, outputTokens }: Usage): void {
    this.#tokens += inputTokens + outputTokens;
    const { tokens } = this.#cap;
    if (tokens !== undefined && this.#tokens >= tokens) this.#end(`${this.#tokens} of ${tokens} tokens are used.`);
  }

  #pay(cost: number | null, usage: Usage | null): void {
    this.#cost += cost ?? 0;
    const limit = this.#cap.cost;
    if (limit === undefined) return;
    if (cost === null && usage !== null)
      this.#end("No price is known for this model, so --max-cost cannot hold: use --max-tokens.");
    else if (this.#cost >= limit) this.#end(`${this.#cost.toFixed(4)} of ${limit} is spent.`);
  }

  #end(why: string): void {
    if (!this.signal.aborted) this.#stop.abort(new Error(why));
  }
}
