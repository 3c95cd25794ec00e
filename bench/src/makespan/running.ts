/** Something that can do runs, and says how long each took in ms. It throws where a run did not do all of its work. */
export interface Running<Run> {
  run(run: Run): Promise<number>;
  close(): Promise<void>;
}
