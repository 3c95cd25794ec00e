/** What a session does. */
export interface Variant {
  readonly name: "text" | "full";
  readonly target: number;
  /** Of an answer. */
  readonly tokens: number;
  /** Share of its time in which an answer streams to it. The rest is waiting for the model, planning, tools and permissions. */
  readonly answering: number;
}

export const tokensPerSecond = 60;

/** `text` is answers only, with the journal in memory; `full` plans, searches, edits and is allowed to, on PostgreSQL. */
export const variants: readonly Variant[] = [
  { name: "text", target: 1000, tokens: 720, answering: 0.98 },
  { name: "full", target: 300, tokens: 480, answering: 0.85 },
];
