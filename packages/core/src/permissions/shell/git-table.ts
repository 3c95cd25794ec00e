import { type FlagTable, type Line, flags, readLine } from "./flags.ts";

interface SubCommand {
  /** One or two words. */
  readonly name: readonly string[];
  readonly table: FlagTable;
  readonly check: (line: Line) => string | null;
}

/** Without `--output`, `--ext-diff`, `--textconv`, `-O` and whatever else writes or starts a program. */
const difference = [
  "-p -u -s -z -a -b -w -R -r -t -c -m -U= -M? -C? -B? -S= -G= -i --patch --no-patch --raw --patch-with-stat --stat? --compact-summary",
  "--numstat --shortstat --summary --dirstat? --name-only --name-status --color? --no-color --word-diff? --no-renames",
  "--find-renames? --find-copies? --check --full-index --binary --abbrev? --diff-filter= --pickaxe-all --pickaxe-regex --text",
  "--unified= --inter-hunk-context= --function-context --exit-code --quiet --no-ext-diff --no-textconv --ignore-submodules?",
  "--ignore-space-change --ignore-all-space --ignore-space-at-eol --ignore-blank-lines --minimal --patience --histogram",
  "--diff-algorithm= --relative? --no-prefix --no-index --cached --staged --merge-base --follow --cc --src-prefix= --dst-prefix=",
];

/** Without `--show-signature` and `%G` in a format, which start the program that checks signatures. */
const history = [
  "-# -n= -L= -g --max-count= --skip= --since= --after= --until= --before= --author= --committer= --grep= --all-match",
  "--invert-grep --regexp-ignore-case --extended-regexp --fixed-strings --perl-regexp --merges --no-merges --first-parent",
  "--all --branches? --tags? --remotes? --not --cherry-pick --left-right --graph --no-graph --decorate? --no-decorate --source",
  "--oneline --pretty? --format= --abbrev-commit --no-abbrev-commit --relative-date --date= --parents --children --reverse",
  "--topo-order --date-order --author-date-order --walk-reflogs --boundary --simplify-by-decoration --full-history --no-notes",
  "--ancestry-path? --count --objects --timestamp --no-mailmap --use-mailmap --encoding=",
];

const refs = ["-i --sort= --format= --column? --no-column --color? --no-color --ignore-case --abbrev? --no-abbrev"];

const subCommands: readonly SubCommand[] = [
  command("status", [
    "-s -b -v -u? -z -M? --short --branch --show-stash --porcelain? --long --verbose --ahead-behind --no-ahead-behind",
    "--untracked-files? --ignore-submodules? --ignored? --column? --no-column --renames --no-renames",
  ]),
  command("log", [...difference, ...history]),
  command("show", [...difference, ...history]),
  command("shortlog", ["-s -n -e -c --summary --numbered --email --no-merges --since= --until= --all --group=", "-#"]),
  command("rev-list", history),
  command("diff", difference),
  command("blame", [
    "-L= -l -t -s -e -p -f -n -w -c -b -M? -C? --root --date= --show-email --show-name --show-number --porcelain",
    "--line-porcelain --first-parent --since= --abbrev= --color-lines --color-by-age --no-progress",
  ]),
  command("grep", [
    "-i -I -w -v -h -H -E -G -F -P -n -l -L -c -o -q -p -W -a -z -r -# -e= -f= -A= -B= -C= -m= --cached --untracked --no-index",
    "--ignore-case --word-regexp --invert-match --extended-regexp --basic-regexp --fixed-strings --perl-regexp --line-number",
    "--column --files-with-matches --name-only --files-without-match --count --color? --no-color --break --heading --and --or --not",
    "--all-match --quiet --max-depth= --context= --after-context= --before-context= --show-function --function-context --only-matching",
    "--no-textconv --recursive --no-recursive --full-name --null --text",
  ]),
  command("ls-files", [
    "-c -d -m -o -i -s -u -k -z -t -v -f -x= -X= --cached --deleted --modified --others --ignored --stage --unmerged --killed",
    "--directory --no-empty-directory --eol --deduplicate --exclude= --exclude-from= --exclude-standard --error-unmatch",
    "--full-name --recurse-submodules --abbrev? --format=",
  ]),
  command("ls-tree", [
    "-d -r -t -l -z --long --name-only --name-status --object-only --full-name --full-tree --abbrev? --format=",
  ]),
  command("cat-file", ["-t -s -e -p"]),
  command("rev-parse", [
    "-q --verify --quiet --short? --abbrev-ref? --symbolic --symbolic-full-name --show-toplevel --show-prefix --show-cdup --git-dir",
    "--absolute-git-dir --git-common-dir --is-inside-work-tree --is-inside-git-dir --is-bare-repository --is-shallow-repository",
    "--all --branches? --tags? --remotes? --show-superproject-working-tree --show-object-format?",
  ]),
  command("merge-base", ["-a --all --octopus --independent --is-ancestor --fork-point"]),
  command("describe", [
    "--dirty? --broken? --all --tags --contains --abbrev= --candidates= --exact-match --long --match= --exclude= --always --first-parent",
  ]),
  command(
    "branch",
    [...refs, "-a -r -v --all --remotes --list --show-current --verbose --contains --no-contains --merged --no-merged"],
    listsOnly("--list"),
  ),
  command(
    "tag",
    [...refs, "-l -n? --list --contains --no-contains --merged --no-merged --points-at="],
    listsOnly("-l", "--list"),
  ),
  command("remote", ["-v --verbose"], noOperands),
  command("stash list", [...difference, ...history]),
  command("reflog show", history),
  command("worktree list", ["--porcelain -z -v --verbose"], noOperands),
  command("version", ["--build-options"], noOperands),
];

/** Before the sub-command only what turns things off: not `-c`, `-C`, `--exec-path`, `--git-dir`, `--config-env`, `-p`. */
const beforehand = new Set(["--no-pager", "-P", "--no-optional-locks", "--literal-pathspecs", "--no-replace-objects"]);

/**
 * Why a git command might do more than read; null when it does not. What the repository's own configuration makes git start
 * (`core.fsmonitor`, filters, `diff.external`) no flag shows: no tool writes that, and the sandbox keeps it as it is.
 */
export function gitTrouble(words: readonly string[]): string | null {
  if (words.length === 1 && words[0] === "--version") return null;
  const start = words.findIndex((word) => !beforehand.has(word));
  const subCommand = subCommands.find(({ name }) => name.every((word, index) => words[start + index] === word));
  if (subCommand === undefined) return `what ${words[start] ?? "it"} does is not known to be harmless`;
  const line = readLine(words.slice(start + subCommand.name.length), subCommand.table);
  if (line.kind === "unknown") return line.why;
  return asksForSignature(line) ? "it starts the program that checks signatures" : subCommand.check(line);
}

function command(name: string, lists: readonly string[], check: SubCommand["check"] = () => null): SubCommand {
  return { name: name.split(" "), table: flags(...lists), check };
}

/** A name would be made a new branch or tag unless the line says that it lists. */
function listsOnly(...saying: readonly string[]): SubCommand["check"] {
  return ({ flags: found, operands }) =>
    operands.length === 0 || found.some(({ name }) => saying.includes(name))
      ? null
      : "it makes something new unless told to list";
}

function noOperands({ operands }: Line): string | null {
  return operands.length === 0 ? null : `what ${operands[0] ?? ""} does is not known to be harmless`;
}

function asksForSignature({ flags: found }: Line): boolean {
  return found.some(({ value }) => value !== null && /%[-+ ]?G|signature/iu.test(value));
}
