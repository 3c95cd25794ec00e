import { type Label, joinAll } from "@orquestra/protocol";

/** A text that outlives what wrote it, with the label it is kept under: a message, a result, a preference. */
export interface KeptText {
  readonly text: string;
  readonly label: Label;
}

/**
 * The port for whatever writes down other texts for later, a summary of a conversation or a memory as much as the list of
 * preferences or of what a turn had done: the words are under all they were written from, for as long as they are kept, however few
 * they are and whoever wrote them. Shown in a prompt they lower it by that label.
 */
export function keptFrom(text: string, sources: Iterable<Label>): KeptText {
  return { text, label: joinAll(sources) };
}
