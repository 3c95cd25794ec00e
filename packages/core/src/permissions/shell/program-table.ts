import { findTrouble } from "./find-expression.ts";
import { type Line, flags, readLine } from "./flags.ts";
import { gitTrouble } from "./git-table.ts";

/** Why a program with these words might do more than read; null when it does not. */
type Trouble = (words: readonly string[]) => string | null;

const count = "-c= -n= -q -v -z --bytes= --lines= --quiet --silent --verbose --zero-terminated -#";

const grep = [
  "-E -F -G -P -i -y -v -w -x -c -l -L -n -o -q -s -b -H -h -T -z -Z -a -I -r -R -U -# -e= -f= -m= -A= -B= -C= -d= -D=",
  "--regexp= --file= --max-count= --after-context= --before-context= --context= --include= --exclude= --exclude-dir=",
  "--exclude-from= --label= --binary-files= --directories= --devices= --color? --colour? --extended-regexp --fixed-strings",
  "--basic-regexp --perl-regexp --ignore-case --no-ignore-case --invert-match --word-regexp --line-regexp --count",
  "--files-with-matches --files-without-match --line-number --only-matching --quiet --silent --no-messages --byte-offset",
  "--with-filename --no-filename --initial-tab --null --null-data --text --recursive --dereference-recursive --line-buffered",
];

/** Without `--pre`, `--hostname-bin` and `-z`, which start other programs. */
const ripgrep = [
  "-i -s -S -v -w -x -c -l -n -N -o -q -H -I -a -F -P -U -L -p -u -0 -. -e= -f= -m= -A= -B= -C= -g= -t= -T= -d= -r= -M= -j= -E=",
  "--regexp= --file= --max-count= --after-context= --before-context= --context= --glob= --iglob= --type= --type-not=",
  "--max-depth= --max-columns= --max-filesize= --threads= --replace= --sort= --sortr= --color= --colors= --ignore-file=",
  "--engine= --encoding= --files --type-list --json --ignore-case --case-sensitive --smart-case --invert-match --word-regexp",
  "--line-regexp --count --count-matches --files-with-matches --files-without-match --line-number --no-line-number --column",
  "--only-matching --quiet --with-filename --no-filename --heading --no-heading --text --fixed-strings --pcre2 --multiline",
  "--multiline-dotall --follow --hidden --no-hidden --no-ignore --no-ignore-vcs --no-ignore-parent --no-config --no-messages",
  "--null --pretty --trim --stats --unrestricted --passthru --vimgrep --byte-offset --debug --crlf --version",
];

const list = [
  "-a -A -b -B -c -C -d -f -F -g -G -h -H -i -k -l -L -m -n -N -o -p -q -Q -r -R -s -S -t -u -U -v -x -X -Z -1 -I= -w=",
  "--all --almost-all --author --escape --ignore-backups --color? --directory --classify? --file-type --format=",
  "--full-time --group-directories-first --no-group --human-readable --si --dereference-command-line --dereference --hide=",
  "--hyperlink? --indicator-style= --inode --ignore= --kibibytes --numeric-uid-gid --literal --hide-control-chars",
  "--quote-name --quoting-style= --reverse --recursive --size --sort= --time= --time-style= --width= --context --zero",
];

/** Without `-o` and `-R`, which write files. */
const tree = [
  "-a -d -l -f -x -i -q -N -Q -p -u -g -s -h -D -F -v -t -c -U -r -n -C -A -S -J -X -L: -P: -I: --inodes --device --noreport",
  "--dirsfirst --filesfirst --sort= --prune --gitignore --matchdirs --ignore-case --du --si --filelimit= --metafirst --version",
];

const disk = [
  "-0 -a -b -c -D -d= -h -H -k -L -l -m -P -S -s -t= -x -X= -B= --all --apparent-size --bytes --total --dereference-args",
  "--max-depth= --human-readable --inodes --dereference --null --no-dereference --separate-dirs --si --summarize --threshold=",
  "--time? --time-style= --exclude-from= --exclude= --one-file-system --block-size=",
];

/** Without `-o`, `-T` and `--compress-program`, which write files or start a program. */
const sort = [
  "-b -d -f -g -h -i -M -n -R -r -V -c -C -k= -m -s -S= -t= -u -z --ignore-leading-blanks --dictionary-order --ignore-case",
  "--general-numeric-sort --human-numeric-sort --ignore-nonprinting --month-sort --numeric-sort --random-sort --reverse",
  "--version-sort --sort= --check? --key= --merge --stable --buffer-size= --field-separator= --parallel= --unique",
  "--zero-terminated --debug",
];

/** Without `-l`, which starts `pr`. */
const diff = [
  "-# -a -b -B -c -C= -d -e -E -i -I= -n -N -p -q -r -s -S= -t -T -u -U= -w -W= -x= -X= -y -Z --brief --report-identical-files",
  "--normal --context? --unified? --ed --rcs --side-by-side --width= --left-column --suppress-common-lines --show-c-function",
  "--recursive --no-dereference --new-file --unidirectional-new-file --ignore-file-name-case --exclude= --exclude-from=",
  "--starting-file= --from-file= --to-file= --ignore-case --ignore-tab-expansion --ignore-trailing-space --ignore-space-change",
  "--ignore-all-space --ignore-blank-lines --ignore-matching-lines= --text --strip-trailing-cr --minimal --color? --expand-tabs",
];

const digest = reads(["-b -t -c -z -w --binary --text --check --tag --zero --ignore-missing --quiet --status --strict --warn"]);
const packages = reads(["-a -l -p --all --depth= --json --long --parseable --omit= --include="]);

/** The programs that can be seen to only read, and what in their words shows it. What is not here is not known. */
const programs: ReadonlyMap<string, Trouble> = new Map<string, Trouble>([
  ["true", () => null],
  ["false", () => null],
  ["echo", () => null],
  ["pwd", reads(["-L -P"])],
  ["cat", reads(["-A -b -e -E -n -s -t -T -u -v --show-all --number-nonblank --show-ends --number --squeeze-blank --show-tabs"])],
  ["tac", reads(["-b -r -s= --before --regex --separator="])],
  ["nl", reads(["-b= -d= -f= -h= -i= -l= -n= -p -s= -v= -w="])],
  ["head", reads([count])],
  ["tail", reads([count])],
  ["wc", reads(["-c -m -l -L -w --bytes --chars --lines --max-line-length --words --total="])],
  ["ls", reads(list)],
  ["tree", reads(tree)],
  ["stat", reads(["-L -f -t -c= --dereference --file-system --terse --format= --printf="])],
  ["file", reads(["-b -h -i -k -L -N -n -r -0 --brief --mime --mime-type --mime-encoding --dereference --no-dereference"])],
  ["du", reads(disk)],
  ["basename", reads(["-a -s= -z --multiple --suffix= --zero"])],
  ["dirname", reads(["-z --zero"])],
  [
    "realpath",
    reads(["-e -m -L -P -q -s -z --canonicalize-existing --canonicalize-missing --relative-to= --relative-base= --no-symlinks"]),
  ],
  ["readlink", reads(["-f -e -m -n -q -s -v -z --canonicalize --canonicalize-existing --canonicalize-missing --no-newline"])],
  [
    "date",
    reads(["-d= -f= -r= -R -u -I? --date= --file= --reference= --rfc-3339= --iso-8601? --rfc-email --utc"], ({ operands }) =>
      operands.every((it) => it.startsWith("+")) ? null : "it can set the clock",
    ),
  ],
  [
    "cut",
    reads([
      "-b= -c= -d= -f= -n -s -z --bytes= --characters= --delimiter= --fields= --complement --only-delimited",
      "--output-delimiter=",
    ]),
  ],
  ["tr", reads(["-c -C -d -s -t --complement --delete --squeeze-repeats --truncate-set1"])],
  ["sort", reads(sort)],
  [
    "uniq",
    reads(
      ["-c -d -D -f= -i -s= -u -w= -z --count --repeated --skip-fields= --ignore-case --skip-chars= --unique --check-chars="],
      ({ operands }) => (operands.length <= 1 ? null : "it writes to its second file"),
    ),
  ],
  ["comm", reads(["-1 -2 -3 -z --check-order --nocheck-order --output-delimiter= --total --zero-terminated"])],
  ["diff", reads(diff)],
  ["cmp", reads(["-b -i= -l -n= -s --print-bytes --ignore-initial= --verbose --bytes= --quiet --silent"])],
  ["md5sum", digest],
  ["sha1sum", digest],
  ["sha256sum", digest],
  ["sha512sum", digest],
  [
    "jq",
    reads([
      "-r -c -s -n -e -S -C -M -a -j -R --raw-output --compact-output --slurp --null-input --exit-status --sort-keys --tab",
    ]),
  ],
  ["grep", reads(grep)],
  ["rg", reads(ripgrep)],
  ["find", findTrouble],
  ["git", gitTrouble],
  ["node", version("-v")],
  ["npm", ([verb = "", ...words]) => (verb === "ls" || verb === "list" ? packages(words) : version("-v")([verb, ...words]))],
  ["python3", version("-V")],
]);

/** Why the program might do more than read; null when it does not. */
export function programTrouble(name: string, words: readonly string[]): string | null {
  const trouble = programs.get(name);
  if (trouble === undefined) return `${name} is not known to only read`;
  const found = trouble(words);
  return found === null ? null : `${name}: ${found}`;
}

function reads(lists: readonly string[], check: (line: Line) => string | null = () => null): Trouble {
  const table = flags(...lists);
  return (words) => {
    const line = readLine(words, table);
    return line.kind === "unknown" ? line.why : check(line);
  };
}

/** For programs that run others unless they are asked for nothing but their version. */
function version(short: string): Trouble {
  return (words) =>
    words.length === 1 && (words[0] === "--version" || words[0] === short)
      ? null
      : "it is read-only only when asked for its version";
}
