import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { recordedCall, runTool, temporaryFolder } from "./recorded-call.fixture.ts";
import { shellTool } from "./shell.ts";

/**
 * CVE-2026-22708: what one command left in its shell decided what a later, harmless one did. Here every command has a shell and
 * an environment of its own, so each of these is tried, and then looked for in the next call.
 */
const poisons: readonly { readonly what: string; readonly leave: string; readonly look: string; readonly found: string }[] = [
  { what: "an exported variable", leave: "export PAGER=evil", look: 'echo "${PAGER-none}"', found: "none" },
  { what: "a typeset variable", leave: "typeset -x GIT_SSH_COMMAND=evil", look: 'echo "${GIT_SSH_COMMAND-none}"', found: "none" },
  { what: "PATH", leave: 'export PATH="$PWD/evil:$PATH"', look: "tool 2>/dev/null || echo none", found: "none" },
  { what: "a function", leave: "git() { echo evil; }; export -f git", look: "type -t git || true", found: "file" },
  { what: "a function of a builtin's name", leave: "echo() { printf evil; }; export -f echo", look: "echo none", found: "none" },
  { what: "an alias", leave: "shopt -s expand_aliases; alias pwd='echo evil'", look: "alias; echo none", found: "none" },
  { what: "the folder", leave: "cd sub", look: '[ "$PWD" = "$(cd .. && pwd)/sub" ] && echo sub || echo none', found: "none" },
  { what: "the mask of new files", leave: "umask 000", look: "umask 000; umask 077; umask", found: "0077" },
  { what: "BASH_ENV", leave: 'export BASH_ENV="$PWD/started"', look: 'echo "${BASH_ENV-none}"', found: "none" },
  {
    what: "a remembered program",
    leave: 'hash -p "$PWD/evil/tool" cat',
    look: "hash -t cat 2>/dev/null || echo none",
    found: "none",
  },
  { what: "a trap", leave: "trap 'echo evil' EXIT DEBUG", look: "trap -p; echo none", found: "none" },
  {
    what: "an option of the shell",
    leave: "set -o noglob; shopt -s extglob",
    look: "case $- in *f*) echo evil;; *) echo none;; esac",
    found: "none",
  },
  { what: "an open file", leave: "exec 9>left", look: "{ true >&9; } 2>/dev/null && echo evil || echo none", found: "none" },
  { what: "a limit", leave: "ulimit -n 20", look: '[ "$(ulimit -n)" = 20 ] && echo evil || echo none', found: "none" },
];

describe("a command leaves nothing in the shell of the next", () => {
  test.each(poisons)("$what", async ({ leave, look, found }) => {
    const root = await temporaryFolder(onTestFinished);
    await mkdir(join(root, "sub"));
    await mkdir(join(root, "evil"));
    await writeFile(join(root, "evil/tool"), "#!/bin/sh\necho evil\n", { mode: 0o755 });
    await writeFile(join(root, "started"), "echo evil\n");
    expect(await runTool(shellTool, { command: leave }, recordedCall(root))).toMatchObject({ exitCode: 0 });
    expect(await runTool(shellTool, { command: look }, recordedCall(root))).toMatchObject({ exitCode: 0, stdout: `${found}\n` });
  });

  test("though within one command it would", async () => {
    const root = await temporaryFolder(onTestFinished);
    const both = { command: 'export PAGER=evil; echo "${PAGER-none}"' };
    expect(await runTool(shellTool, both, recordedCall(root))).toMatchObject({ stdout: "evil\n" });
  });
});

test.each([
  "BASH_ENV",
  "ENV",
  "bash_env",
  "BASH_FUNC_ls",
  "BASHOPTS",
  "SHELLOPTS",
  "PATH",
  "PS4",
  "PROMPT_COMMAND",
  "IFS",
  "LD_PRELOAD",
  "GIT_EXTERNAL_DIFF",
  "GIT_CONFIG_COUNT",
  "PAGER",
  "MANPAGER",
  "EDITOR",
  "LESSOPEN",
  "LESSCLOSE",
  "RIPGREP_CONFIG_PATH",
  "TAR_OPTIONS",
  "NODE_PATH",
  "NPM_CONFIG_NODE_OPTIONS",
  "npm_config_script_shell",
  "MAKEFLAGS",
  "RUSTC_WRAPPER",
  "GCONV_PATH",
  "LC_ALL",
  "LANG",
  "LOCPATH",
  "HOME",
  "XDG_CONFIG_HOME",
  "PERLLIB",
  "PYTHONINSPECT",
  "RUBYOPT",
  "_JAVA_OPTIONS",
  "JDK_JAVA_OPTIONS",
])("%s cannot be given to a command", async (name) => {
  const root = await temporaryFolder(onTestFinished);
  const args = { command: "true", env: { [name]: "x" } };
  await expect(runTool(shellTool, args, recordedCall(root))).rejects.toMatchObject({ code: "env_refused" });
  await expect(shellTool.preview?.(shellTool.input.parse(args), recordedCall(root))).rejects.toMatchObject({
    code: "env_refused",
  });
});
