import { describe, expect, test } from "vitest";
import { readCommand } from "./read-command.ts";

/** Each part as one line: its text, what is said of it, and its words where it has some. */
function partsOf(text: string): readonly string[] {
  const reading = readCommand(text);
  if (reading.kind !== "complex") throw new Error(`expected parts, got ${JSON.stringify(reading)}`);
  return reading.parts.map((part) => `${part.text} :: ${part.why}${part.argv === null ? "" : ` :: ${part.argv.join("|")}`}`);
}

test.each<[text: string, ...argv: string[]]>([
  ["git status", "git", "status"],
  [" \tls\t -la  \n", "ls", "-la"],
  ["echo 'a b' \"c d\" e\\ f", "echo", "a b", "c d", "e f"],
  ["echo a'b'\"c\"\\d", "echo", "abcd"],
  ['echo "\\$HOME \\" \\\\ \\n"', "echo", '$HOME " \\ \\n'],
  ["echo '$(id) `id` !x *'", "echo", "$(id) `id` !x *"],
  ["echo '' \"\"", "echo", "", ""],
  ["git diff HEAD~1 a^", "git", "diff", "HEAD~1", "a^"],
  ["find . ! -name x", "find", ".", "!", "-name", "x"],
  ["./build.sh 日本語 naïve", "./build.sh", "日本語", "naïve"],
  ["echo a=b c:d e@f %g", "echo", "a=b", "c:d", "e@f", "%g"],
])("%j is one program with its words", (text, ...argv) => {
  expect(readCommand(text)).toEqual({ kind: "simple", argv });
});

describe("more than that is shown in parts", () => {
  test.each<[text: string, ...parts: string[]]>([
    ["ls; rm x", "ls :: is one of 2 commands :: ls", "rm x :: is one of 2 commands :: rm|x"],
    [
      "ls && rm 'a b' || id",
      "ls :: runs as it is written :: ls",
      "rm 'a b' :: runs only if the one before succeeds :: rm|a b",
      "id :: runs only if the one before fails :: id",
    ],
    [
      "ls | sort | tee x",
      "ls :: prints into the next :: ls",
      "sort :: reads what the one before prints, prints into the next :: sort",
      "tee x :: reads what the one before prints :: tee|x",
    ],
    ["sleep 9 &", "sleep 9 :: runs in the background :: sleep|9"],
    ["npm test > out.txt 2>&1", "npm test > out.txt 2>&1 :: writes to out.txt, joins or closes outputs :: npm|test"],
    ["A=1 npm test", "A=1 npm test :: sets A :: npm|test"],
    ["export A=$(id)", "export A=$(id) :: sets A, export acts on the shell itself", "id :: runs inside another command :: id"],
    [
      "echo $(cat x | sh) *.ts",
      "echo $(cat x | sh) *.ts :: substitutes what a command prints, matches names of files",
      "cat x :: runs inside another command, prints into the next :: cat|x",
      "sh :: runs inside another command, reads what the one before prints :: sh",
    ],
    [
      "echo `echo \\`id\\``",
      "echo `echo \\`id\\`` :: substitutes what a command prints",
      "echo `id` :: runs inside another command, substitutes what a command prints",
      "id :: runs inside another command :: id",
    ],
    ['echo "${x:-$(id)}"', 'echo "${x:-$(id)}" :: substitutes what a command prints', "id :: runs inside another command :: id"],
    ["f() { rm x; }", "f() { rm x; } :: is a function", "rm x :: is in a function, is in a group :: rm|x"],
    ["{ ls; } > x", "{ ls; } > x :: is a group, writes to x", "ls :: is in a group, writes to x :: ls"],
    ["if a; then b; fi", "if a; then b; fi :: is a choice", "a :: is in a choice :: a", "b :: is in a choice :: b"],
    ["[[ -f x ]] && ((1))", "[[ -f x ]] :: is a test", "((1)) :: runs only if the one before succeeds, is a calculation"],
    [
      "sh <<E # c\n$(id) # not one\nE\n# end",
      "sh <<E\n$(id) # not one\nE :: is given text :: sh",
      "# c :: is a comment and does not run",
      "id :: runs inside another command :: id",
      "# end :: is a comment and does not run",
    ],
    ["ls # rm -rf /", "ls :: runs as it is written :: ls", "# rm -rf / :: is a comment and does not run"],
    ["time ! ls", "ls :: is timed, has its result turned round :: ls"],
    ["'eval' x", "'eval' x :: eval acts on the shell itself :: eval|x"],
  ])("%j", (text, ...parts) => {
    expect(partsOf(text)).toEqual(parts);
  });

  test("all of them, however many there are", () => {
    expect(partsOf(`${"true; ".repeat(200)}rm x`)).toHaveLength(201);
    expect(partsOf(`${"a;".repeat(4999)}b`)).toHaveLength(5000);
  });
});

test.each([
  ["ls '", /unterminated single quote/],
  ["ls |", /not written correctly/],
  ["echo $(ls", /not written correctly/],
  ["echo $(if)", /not written correctly/],
  ["", /no command/],
  ["# ls", /no command/],
  ["time", /no command/],
  ["ls\r", /cannot be seen/],
  ["ls \u202e", /cannot be seen/],
  ["ls\0", /cannot be seen/],
  ["ls \ud800", /cannot be seen/],
  ["a".repeat(10_001), /longer than 10,000 characters/],
])("%j is not read further", (text, why) => {
  expect(readCommand(text)).toEqual({ kind: "unreadable", why: expect.stringMatching(why) as unknown });
});

test("text that is made to choke a parser is read or refused, and nothing is thrown", () => {
  const openers = [
    "$(",
    "$((",
    "${",
    "`",
    '"$(',
    "<(",
    "case x in (",
    "((",
    "[[ ( ",
    "{ ",
    "if ",
    "a[$((",
    "${a:-",
    "$'",
    "<<E ",
    "a|",
  ];
  const more = [
    "\\`",
    "@(",
    "{a,",
    "[",
    "for ((",
    "${x//$(",
    "x=(",
    "$[",
    "function a ",
    "coproc ",
    "time ",
    "! ",
    "a #\n",
    "'",
    '"',
  ];
  for (const opener of [...openers, ...more]) {
    expect(readCommand(opener.repeat(10_000 / opener.length)).kind).not.toBe("simple");
    expect(readCommand(`${opener.repeat(200)}id${")".repeat(200)}`).kind).not.toBe("simple");
  }
});
