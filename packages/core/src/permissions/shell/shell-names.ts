/** Words that are part of the shell's grammar. Quoted they would be programs; nobody means that. */
const reserved = new Set(
  "! [[ ]] { } case coproc do done elif else esac fi for function if in select then time until while".split(" "),
);

/**
 * What the shell does itself instead of starting a program: it may change the shell, run other text, or evaluate what it is
 * given (`printf -v 'a[$(id)]'`). Bash's own list and `chdir` of other shells, without the four that only print or answer.
 */
const builtins = new Set(
  (
    ". : [ alias bg bind break builtin caller cd chdir command compgen complete compopt continue declare dirs disown enable " +
    "eval exec exit export fc fg getopts hash help history jobs kill let local logout mapfile popd printf pushd read readarray " +
    "readonly return set shift shopt source suspend test times trap type typeset ulimit umask unalias unset wait"
  ).split(" "),
);

/** Why a program's name is not simply the name of a program; null when it is. */
export function nameTrouble(name: string): string | null {
  if (reserved.has(name)) return `${name} is a word of the shell's own`;
  if (builtins.has(name)) return `${name} acts on the shell itself`;
  return /^[A-Za-z0-9_./][A-Za-z0-9_./+-]*$/u.test(name) ? null : "the program has an unusual name";
}
