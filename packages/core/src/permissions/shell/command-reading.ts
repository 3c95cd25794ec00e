/** One thing a command does, for the person who is asked. The texts hold no character that cannot be seen. */
export interface CommandPart {
  /** As it stands in the command, whole. */
  readonly text: string;
  /** What there is to say of it: "writes to out.txt, runs only if the one before succeeds". */
  readonly why: string;
  /** Its words, where nothing in them is expanded. */
  readonly argv: readonly string[] | null;
}

/** What is known of a command before it runs. */
export type CommandReading =
  /** One program with these words, and nothing else: bash sees exactly this. */
  | { readonly kind: "simple"; readonly argv: readonly string[] }
  /** More than that. The parts in order, those in substitutions behind the one they are in. */
  | { readonly kind: "complex"; readonly parts: readonly CommandPart[] }
  /** Nobody can say what it does: too long, hidden characters, a mistake in it. */
  | { readonly kind: "unreadable"; readonly why: string };
