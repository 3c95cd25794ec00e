/** What came of a run. */
export interface Outcome {
  readonly tools: number;
  /** The answer as it was streamed. */
  readonly text: string;
}

/** Something that can do the workload. */
export interface Peer {
  /** A conversation, made ready before it is measured. */
  open(): Promise<{ run(): Promise<Outcome> }>;
  close(): Promise<void>;
}
