import { existsSync } from "node:fs";
import { type Json, jsonSchema } from "@orquestra/protocol";
import { z } from "zod";
import { ToolError } from "../tool-error.ts";
import { type AnyTool, type ToolCall, defineTool } from "../tool.ts";
import { filesOf, titleText } from "./files-of.ts";

const defaultTimeout = 120;
const maxTimeout = 600;

/** Variables that make programs load or run something, or read text in another way: they would do what the command does not show. */
const refusedNames = new RegExp(
  `^(?:${[
    "PATH|IFS|ENV|HOME|BASH.*|SHELLOPTS|PS[0-9]|PROMPT_COMMAND|ZDOTDIR|LD_.*|DYLD_.*|GCONV_PATH|XDG_.*",
    "LANG|LANGUAGE|LC_.*|LOCPATH|NLSPATH|.*PAGER|.*EDITOR|VISUAL|BROWSER|LESS(?:OPEN|CLOSE)|RIPGREP_CONFIG_PATH",
    "NODE_(?:OPTIONS|PATH)|NPM_CONFIG_.*|PYTHON(?:STARTUP|PATH|HOME|INSPECT|BREAKPOINT|USERBASE|WARNINGS|PLATLIBDIR|PYCACHEPREFIX)|PERL5.*|PERLLIB",
    "RUBY(?:OPT|LIB)|.*JAVA_(?:TOOL_)?OPTIONS|GIT_.*|TAR_OPTIONS|(?:GNU)?MAKEFLAGS|MAKEFILES|RUSTC_.*|CARGO_.*",
    "CDPATH|FPATH|GLOBIGNORE|LESS(?:KEY.*)?|OPENSSL_(?:CONF|ENGINES|MODULES)|GLIBC_TUNABLES|.*_(?:ASKPASS|RSH)|GO(?:FLAGS|ENV|ROOT)",
    "LUA_(?:INIT|PATH|CPATH).*|PHPRC|PHP_INI_SCAN_DIR|DOTNET_STARTUP_HOOKS|COR(?:ECLR)?_.*|CLASSPATH|(?:VIM|EX)INIT",
    "(?:MAVEN|GRADLE|ANT|SBT|JVM)_OPTS|GCC_EXEC_PREFIX|COMPILER_PATH",
  ].join("|")})$`,
  "i",
);

const input = z.object({
  command: z
    .string()
    .min(1)
    .max(100_000)
    .refine((text) => !text.includes("\0"), { error: "A command cannot contain NUL." }),
  cwd: z.string().optional(),
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/), jsonSchema).optional(),
  stdin: jsonSchema.optional(),
  timeout_seconds: z.number().min(1).max(maxTimeout).optional(),
  access: z.enum(["sandbox", "network", "machine"]).optional(),
});

type Input = z.infer<typeof input>;

export const shellTool: AnyTool = defineTool({
  name: "shell",
  description:
    "Runs a shell command in the workspace; what it leaves running is ended with it. Results of other todos go in as env or stdin. " +
    "Where there is a sandbox: no network, no secrets, .git and editor settings read-only; access network (npm install) or " +
    "machine (git commit) asks.",
  input,
  output: z.object({
    exitCode: z.number(),
    stdout: z.string(),
    stderr: z.string(),
    truncated: z.boolean(),
    notes: z.array(z.string()).readonly().optional(),
  }),
  effects: ["exec", "write"],
  critical: ["command", "cwd", "access"],
  integrity: "outside",
  fields: { "/exitCode": "system", "/truncated": "system" },
  idempotent: false,
  undoable: false,
  timeoutMs: (maxTimeout + 30) * 1000,
  // Builds and tests often say nothing for a while.
  silentAfterMs: 30_000,
  concurrency: 32,
  touches: () => ({ reads: "workspace", writes: "workspace" }),
  command: ({ command, cwd = ".", access = "sandbox", env = {}, stdin }) => {
    return { text: command, cwd, access, fed: stdin !== undefined || Object.keys(env).length > 0 };
  },
  title: ({ command }) => `Run ${titleText(command, "a command").split("\n")[0] ?? ""}`,
  preview: async (args, call) => {
    environmentOf(args);
    await (await filesOf(call).openFolder(args.cwd ?? ".")).close();
    return { summary: summaryOf(args) };
  },
  run: runShell,
});

async function runShell(args: Input, call: ToolCall) {
  return await call.runCommand({
    program: existsSync("/bin/bash") ? "/bin/bash" : "/bin/sh",
    args: ["-c", args.command],
    cwd: args.cwd ?? ".",
    environment: environmentOf(args),
    input: args.stdin === undefined ? undefined : textOf(args.stdin),
    timeoutMs: (args.timeout_seconds ?? defaultTimeout) * 1000,
    access: args.access ?? "sandbox",
    onOutput: (stream, text) => call.progress({ stream, text }),
  });
}

/** What the call adds to the environment. Values that are no text are given as JSON. */
function environmentOf({ env = {} }: Input): { readonly [name: string]: string } {
  const refused = Object.keys(env).find((name) => refusedNames.test(name));
  if (refused !== undefined) {
    throw new ToolError(
      "env_refused",
      `${refused} changes how programs run, so it is not set from outside; write it into the command.`,
    );
  }
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, textOf(value).replaceAll("\0", "")]));
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The whole command, with what cannot be seen made visible: a person decides by this. */
function summaryOf({ command, cwd, env = {}, stdin }: Input): string {
  const shown = command.replaceAll(/[\p{C}\p{Zl}\p{Zp}\u00ad\u115f\u3164]/gu, (one) =>
    one === "\n" ? one : `\\u{${one.codePointAt(0)?.toString(16)}}`,
  );
  const names = Object.keys(env);
  const extras = [
    cwd === undefined ? "" : ` in ${cwd}`,
    names.length === 0 ? "" : ` with ${names.join(", ")}`,
    stdin === undefined ? "" : " reading what it is given",
  ];
  return `run ${shown}${extras.join("")}`;
}
