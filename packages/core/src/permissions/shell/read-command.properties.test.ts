import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { benign } from "./commands.fixture.ts";
import { readCommand } from "./read-command.ts";

const bash = "/bin/bash";
let folder: string;

/** A folder that is the whole PATH: in it one program, which prints its words, each closed by NUL, after how many there are. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "argv-"));
  await mkdir(join(folder, "bin"));
  await writeFile(join(folder, "bin/argv"), `#!/bin/sh\nprintf '%s\\0' "$#" "$@"\n`);
  await chmod(join(folder, "bin/argv"), 0o755);
  for (const name of ["a", "b", "x1", ".hidden", "~", "a b"]) await writeFile(join(folder, name), "");
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Pieces of words that a shell treats in some way of its own, and plain ones. */
const plain = fc.constantFrom(
  "a",
  "b1",
  "-x",
  "--y=z",
  "./p/q",
  "a=b",
  "A+=b",
  "c:d",
  "e@f",
  "^",
  "%1",
  "+",
  ",",
  "日本",
  "é",
  "ß",
  "🎼",
  "e\u0301",
);
const quoted = fc.constantFrom(
  "'a b'",
  '"a b"',
  "''",
  '""',
  "'$x `y` \\'",
  '"\\$x"',
  '"\\`"',
  '"\\""',
  '"\\\\"',
  '"\\q"',
  "'*'",
  '"*"',
  "'~'",
  '"#"',
  "'\t'",
  '"\'"',
  "'\"'",
  '"\\!"',
);
const escaped = fc.constantFrom(
  "\\ ",
  "\\$",
  "\\*",
  "\\\\",
  "\\'",
  '\\"',
  "\\~",
  "\\#",
  "\\;",
  "\\|",
  "\\a",
  "\\é",
  "\\!",
  "\\{",
  "\\`",
  "\\\t",
);
const tilde = fc.constantFrom("a~", "HEAD~1", "~", "=~", ":~", "a=~", "~b", "a:~", "'a'~", "\\~a");
const wild = fc.oneof(
  fc.constantFrom(
    "*",
    "?",
    "[a]",
    "{a,b}",
    "a{1..2}",
    "#",
    "a#",
    "!",
    "!x",
    "$",
    "$x",
    "$$",
    "$'a'",
    '$"a"',
    "`a`",
    "$(a)",
    "<a",
    ">&2",
    "&",
    "|",
    ";",
  ),
  fc.constantFrom(
    "\n",
    "\\\n",
    "\r",
    "\u00a0",
    "\u200b",
    "\0",
    "(",
    ")",
    "=",
    "[",
    "]",
    "{",
    "}",
    "<(a)",
    "<<E",
    "2>&1",
    "'",
    '"',
    "\\",
  ),
  fc.string({ unit: "grapheme", maxLength: 3 }),
  fc.string({ unit: "binary-ascii", maxLength: 3 }),
);
const piece = fc.oneof(
  { weight: 4, arbitrary: plain },
  { weight: 4, arbitrary: quoted },
  { weight: 3, arbitrary: escaped },
  { weight: 1, arbitrary: tilde },
  { weight: 1, arbitrary: wild },
);
const word = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(""));
const blank = fc.constantFrom(" ", " ", " ", "\t", "  ", " \t ");
const program = fc.constantFrom("argv", "argv", "argv", "'argv'", '"argv"', "a'rg'v", "\\argv", "ar\\gv");
const commandText = fc
  .tuple(
    fc.constantFrom("", "", " ", "\t"),
    program,
    fc.array(fc.tuple(blank, word), { maxLength: 5 }),
    fc.constantFrom("", "", " ", "\n"),
  )
  .map(([before, name, words, after]) => before + name + words.map((it) => it.join("")).join("") + after);

describe.skipIf(!existsSync(bash))("bash and the reading of simple commands (skipped where there is no bash)", () => {
  test("see the same words", { timeout: 120_000 }, () => {
    let compared = 0;
    fc.assert(
      fc.property(fc.array(commandText, { minLength: 400, maxLength: 400 }), (texts) => {
        const simple = texts.flatMap((text) => {
          const reading = readCommand(text);
          return reading.kind === "simple" && reading.argv[0] === "argv" ? [{ text, words: reading.argv.slice(1) }] : [];
        });
        const seen = wordsSeenByBash(simple.map(({ text }) => text));
        expect(simple.map(({ text }, index) => ({ text, words: seen[index] }))).toEqual(simple);
        compared += simple.length;
      }),
      { numRuns: 10, endOnFailure: true },
    );
    expect(compared).toBeGreaterThan(1000);
  });
});

/** Found by name like the program, but with no other process to start. */
const argvFunction = `() { printf '%s\\0' "$#" "$@"; }`;

/** Each text in a shell of its own. Bash reads what `eval` gets and what `-c` gets in the same way, and forks sooner than it starts. */
function wordsSeenByBash(texts: readonly string[]): readonly (readonly string[])[] {
  const each = `while IFS= read -r -d '' text; do (eval "$text") </dev/null; printf '\\0end\\0'; done`;
  const output = execFileSync(bash, ["-c", each], {
    cwd: folder,
    input: texts.map((text) => `${text}\0`).join(""),
    env: { PATH: join(folder, "bin"), HOME: folder, LANG: "C.UTF-8", "BASH_FUNC_argv%%": argvFunction },
    encoding: "utf8",
    maxBuffer: 1e8,
  });
  const seen: string[][] = [];
  const fields = output.split("\0");
  for (let index = 0; index < fields.length - 1;) {
    const count = Number(fields[index]);
    seen.push(fields.slice(index + 1, index + 1 + count));
    expect(fields.slice(index + 1 + count, index + 3 + count)).toEqual(["", "end"]);
    index += count + 3;
  }
  return seen;
}

test.runIf(existsSync(bash))(
  "every word that bash keeps for itself is kept from being simple, but for four that only print",
  () => {
    const names = execFileSync(bash, ["-c", "compgen -bk"], { encoding: "utf8" }).trim().split("\n");
    expect(names.length).toBeGreaterThan(60);
    const open = names.filter((name) => readCommand(`'${name}' x`).kind === "simple");
    expect(open.toSorted()).toEqual(["echo", "false", "pwd", "true"]);
  },
);

const canTrace = spawnSync("strace", ["-o", "/dev/null", "true"]).status === 0;

test.skipIf(!canTrace)(
  "a simple command starts the program it names and no other (skipped without strace)",
  { timeout: 60_000 },
  async () => {
    const trace = join(folder, "trace");
    const environment = ["-E", `PATH=${join(folder, "bin")}`, "-E", "LANG=C.UTF-8"];
    const samples = ["argv a 'b c'", "a'rg'v \"d\"", "argv '$(argv)' \\`argv\\`", "argv a\\;argv", "argv HEAD~1"];
    for (const text of [...samples, ...benign.filter((it) => it.startsWith("echo"))]) {
      const reading = readCommand(text);
      if (reading.kind !== "simple") throw new Error(`expected ${text} to be simple`);
      const traced = [...environment, bash, "-c", text];
      spawnSync("strace", ["-f", "-qq", "-e", "trace=execve", "-o", trace, ...traced], { cwd: folder });
      const started = [...(await readFile(trace, "utf8")).matchAll(/execve\("([^"]*)".* = 0$/gm)].map(([, path]) => path);
      expect(started, text).toEqual([bash, ...(reading.argv[0] === "argv" ? [join(folder, "bin/argv")] : [])]);
    }
  },
);
