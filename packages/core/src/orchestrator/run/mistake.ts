/** A line or a passage that was meant as a plan and is none; the repair turn is told of it. */
export interface Mistake {
  /** The line's number and its todo; null for a passage outside a plan. */
  readonly line: { readonly number: number; readonly todoId: string } | null;
  readonly text: string;
  readonly message: string;
}

/** Marks a todo whose line did not parse: it waits for its repair, not for a person. */
export const INVALID = "invalid";
