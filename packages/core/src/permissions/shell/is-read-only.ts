import { programTrouble } from "./program-table.ts";

export type ReadOnlyVerdict = { readonly readOnly: true } | { readonly readOnly: false; readonly why: string };

/**
 * Whether a simple command is seen to change nothing: the program, its sub-command and every one of its flags are in a table.
 * Whatever is not there is not read-only, and neither is anything that starts another program (`env`, `xargs`, `timeout` …).
 *
 * It decides whether to ask, and is no boundary: which files are read is not judged (the sandbox hides what is secret), nor
 * which program answers to the name, nor what the program reads from its configuration or environment. Run what passes in the
 * sandbox, with the environment made from scratch and the workspace read-only, so that a mistake here cannot change anything.
 */
export function isReadOnly(argv: readonly string[]): ReadOnlyVerdict {
  const [program = "", ...words] = argv;
  const why = starters.has(program) ? `${program} starts another program` : programTrouble(program, words);
  return why === null ? { readOnly: true } : { readOnly: false, why };
}

/** Named for the person who reads why; that they are not in the table is what keeps them out. */
const starters = new Set(
  (
    "bash busybox chroot dash doas env exec flock fish ionice ksh nice nohup npx parallel perl php python ruby runuser script " +
    "setpriv setsid sh ssh stdbuf strace su sudo timeout toybox unshare watch xargs zsh"
  ).split(" "),
);
