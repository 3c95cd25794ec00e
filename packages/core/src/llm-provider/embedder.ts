/** Turns texts into vectors whose angles say how near in meaning they are. */
export interface Embedder {
  /** `provider/model`: vectors of different ids must never be compared. */
  readonly id: string;
  /** Numbers in a vector, once the first call has shown it; null before. */
  readonly dimensions: number | null;
  /**
   * One vector of length one per text, in the order of the texts, however many there are. Rejects with a ModelError: `aborted` when the
   * signal says so; nothing comes of a call that failed in part.
   */
  embed(texts: readonly string[], signal: AbortSignal): Promise<readonly Float32Array[]>;
}
