/** What stands around the commands of a session: where they run, and whether what they change can be taken back. */
export interface CommandGround {
  /** `none`: commands have all the rights of the server's user, so each one asks. */
  readonly sandbox: "bubblewrap" | "none";
  /** Whether a snapshot of the folder undoes what a command changes there; else why not, for the person. */
  readonly undo: { readonly covered: true } | { readonly covered: false; readonly why: string };
}

/** Nothing: every command asks. */
export const bareGround: CommandGround = {
  sandbox: "none",
  undo: { covered: false, why: "Nothing keeps the folder as it was." },
};
