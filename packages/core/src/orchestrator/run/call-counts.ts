import type { AnyTool } from "../../tools/index.ts";
import { isEffect } from "./todo-list.ts";

/**
 * How often each call was started in a run, by its hash, so that it is not repeated unasked. A read that follows a change is
 * no repetition: it may find something else.
 */
export class CallCounts {
  readonly byHash = new Map<string, number>();
  readonly #reads = new Set<string>();

  add(hash: string, tool: AnyTool): void {
    if (isEffect(tool)) this.#forgetReads();
    else this.#reads.add(hash);
    this.byHash.set(hash, (this.byHash.get(hash) ?? 0) + 1);
  }

  takeBack(hash: string): void {
    const count = this.byHash.get(hash) ?? 0;
    if (count > 0) this.byHash.set(hash, count - 1);
  }

  #forgetReads(): void {
    for (const hash of this.#reads) this.byHash.delete(hash);
    this.#reads.clear();
  }
}
