import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isGitPath, isProtectedPath, isSecretPath } from "./sensitive.ts";

describe("secret paths", () => {
  test.each([
    ".env",
    ".env.local",
    ".env.production.local",
    ".envrc",
    "apps/web/.env",
    ".ENV",
    ".Env.Local",
    ".e\u200bnv",
    ".env.",
    ".env ",
    ".env::$DATA",
    "\uff0eenv",
    "certs/server.pem",
    "server.KEY",
    "\u017ferver.\u212aey",
    "id_rsa",
    "id_rsa.pub",
    "deploy/id_ed25519",
    ".ssh/config",
    "home/.ssh/known_hosts",
    ".aws/credentials",
    ".netrc",
    "_netrc",
    ".npmrc",
    ".docker/config.json",
    ".git/config",
    "sub/.git/config",
    ".git/modules/libs/one/config",
    ".git/modules/a/modules/b/CONFIG",
    "a\\.env",
  ])("%j", (path) => {
    expect(isSecretPath(path)).toBe(true);
  });

  test.each([
    ".env.example",
    ".env.sample",
    ".env.local.example",
    "env.ts",
    "src/environment.ts",
    "keyboard.ts",
    "src/key.ts",
    "config.json",
    ".git/HEAD",
    "package.json",
  ])("not %j", (path) => {
    expect(isSecretPath(path)).toBe(false);
  });
});

describe("protected paths", () => {
  test.each([
    ".git/hooks/pre-commit",
    ".GIT/hooks/pre-commit",
    ".g\u200cit/hooks/x",
    "git~1/hooks/x",
    ".git./x",
    "vendor/lib/.git/x",
    ".gitmodules",
    ".github/workflows/ci.yml",
    ".GitHub/Workflows/ci.yml",
    ".vscode/settings.json",
    ".cursor/mcp.json",
    ".claude/settings.json",
    ".mcp.json",
    ".husky/pre-commit",
    ".bashrc",
    "dot/.zshrc",
    "orquestra.yaml",
    "ORQUESTRA.YML",
    "Jenkinsfile",
  ])("%j", (path) => {
    expect(isProtectedPath(path)).toBe(true);
  });

  test.each(["AGENTS.md", ".github/ISSUE_TEMPLATE.md", ".gitignore", "src/git/index.ts", "workflows/ci.yml", "README.md"])(
    "not %j",
    (path) => {
      expect(isProtectedPath(path)).toBe(false);
    },
  );

  test("a name in another composition is the same name", () => {
    expect(isSecretPath("é.pem".normalize("NFD"))).toBe(true);
    expect(isProtectedPath(".vſcode/settings.json")).toBe(true);
  });
});

test("git's own files are those in a .git, under any spelling", () => {
  expect([".git", ".git/HEAD", "sub/.Git/x", "git~1"].every(isGitPath)).toBe(true);
  expect([".gitignore", ".github/x", "git/x"].some(isGitPath)).toBe(false);
});

test("no way of writing a name that a file system could take for the same hides what it is", () => {
  const wide = (letter: string) => String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0);
  const changes = [
    (it: string) => it.toUpperCase(),
    wide,
    (it: string) => `\u200b${it}`,
    (it: string) => `${it}\u00ad`,
    (it: string) => it,
  ];
  const name = fc.constantFrom(
    ".env",
    ".env.local",
    ".ssh",
    ".git",
    ".bashrc",
    ".mcp.json",
    ".vscode",
    "orquestra.yaml",
    "server.pem",
    ".npmrc",
  );
  const ending = fc.constantFrom("", ".", " ", "...", ". .", "::$DATA", ":stream");
  const form = fc.constantFrom("NFC", "NFD", "NFKC", "NFKD");
  fc.assert(
    fc.property(
      name,
      fc.array(fc.nat(changes.length - 1), { minLength: 14, maxLength: 14 }),
      ending,
      form,
      (plain, chosen, end, as) => {
        const letters = plain.split("").map((letter, index) => (changes[chosen[index] ?? 0] ?? String)(letter));
        const written = `a/${letters.join("")}${end}/b`.normalize(as);
        expect([isSecretPath(written), isProtectedPath(written)]).toEqual([isSecretPath(plain), isProtectedPath(plain)]);
        expect(isSecretPath(plain) || isProtectedPath(plain)).toBe(true);
      },
    ),
    { numRuns: 2000 },
  );
});
