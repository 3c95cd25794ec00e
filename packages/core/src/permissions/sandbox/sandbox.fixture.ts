import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chown, chmod, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import { findBubblewrap, startSandbox } from "../../testing/services/sandbox.ts";
import type { WorkerCommand } from "../../testing/services/command-worker.ts";
import type { CommandAccess, CommandResult } from "../../tools/index.ts";
import type { CommandLimits } from "./bubblewrap/limits.ts";
import { programOf } from "../../testing/program.ts";

export const programs = await findBubblewrap();
export const asRoot = process.getuid?.() === 0;
const nobody = 65_534;

/** Who runs the server and whose the folder is. */
export type Server =
  | "root, in root's folder"
  | "root, in another user's folder"
  | "root, as a user that was named"
  | "an ordinary user";
export const servers: readonly Server[] = asRoot
  ? ["root, in root's folder", "root, in another user's folder", "root, as a user that was named", "an ordinary user"]
  : ["an ordinary user"];

export interface Scene {
  readonly root: string;
  /** A folder of the machine beside the workspace that holds `secret.txt`. */
  readonly outside: string;
  /** The folder the quarantine lies in; null where another process has it. */
  readonly data: string | null;
  /** Runs a bash script, without the network where nothing else is said; rejects with `{code}`. */
  readonly run: (script: string, options?: RunOptions) => Promise<CommandResult>;
}

export interface RunOptions {
  readonly timeoutMs?: number;
  readonly access?: CommandAccess;
  /** For a server that is this process. */
  readonly signal?: AbortSignal;
}

/** A workspace with secrets and settings in it, and a folder beside it. */
export async function sceneOf(server: Server, limits: Partial<CommandLimits> = {}): Promise<Scene> {
  if (programs === null) throw new Error("no bubblewrap");
  const top = await realpath(await mkdtemp(join(tmpdir(), "orquestra-attack-")));
  onTestFinished(() => rm(top, { recursive: true, force: true }));
  await chmod(top, 0o755);
  const [root, outside] = [join(top, "workspace"), join(top, "outside")];
  const files = {
    "workspace/.env": "KEY=made-up-secret",
    "workspace/sub/.env.local": "KEY=made-up-secret",
    "workspace/keys/.ssh/id_rsa": "made-up-secret",
    "workspace/.docker/config.json": "made-up-secret",
    "workspace/.git/config": "[remote]\n\turl = https://made-up-secret@example.invalid",
    "workspace/.git/modules/libs/one/config": "made-up-secret",
    "workspace/.git/modules/libs/one/HEAD": "ref: refs/heads/main",
    "workspace/.git/HEAD": "ref: refs/heads/main",
    "workspace/.git/hooks/none": "",
    "workspace/sub/.vscode/tasks.json": "{}",
    "workspace/package.json": "{}",
    "outside/secret.txt": "made-up-secret",
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(top, path, ".."), { recursive: true });
    await writeFile(join(top, path), text);
  }
  const others = asRoot && (server === "root, in another user's folder" || server === "an ordinary user");
  if (others) for (const path of ["", ...Object.keys(files).flatMap(parents)]) await chown(join(top, path), nobody, nobody);
  if (server === "an ordinary user" && asRoot) return { root, outside, data: null, ...(await ordinaryServer(root)) };
  const user = server === "root, as a user that was named" ? { user: 12_345 } : {};
  const sandbox = await startSandbox({ programs, limits, ...user });
  onTestFinished(() => sandbox.close());
  const command = {
    program: "/bin/bash",
    cwd: ".",
    environment: {},
    onOutput: () => undefined,
    root,
  } as const;
  const run: Scene["run"] = (script, { timeoutMs = 20_000, access = "sandbox", signal = new AbortController().signal } = {}) =>
    sandbox.runner.run({ ...command, args: ["-c", script], timeoutMs, access, signal });
  return { root, outside, data: sandbox.folder, run };
}

/** `a/b/c`: `a`, `a/b`, `a/b/c`. */
function parents(path: string): string[] {
  return path.split("/").map((_, index, names) => names.slice(0, index + 1).join("/"));
}

export interface Worker {
  readonly child: ChildProcess;
  /** Sends a command. */
  readonly send: (command: WorkerCommand) => void;
  /** The next line of its answers. */
  readonly next: () => Promise<Answer>;
  readonly close: () => Promise<void>;
}

interface Answer {
  readonly ready?: number;
  readonly said?: string;
  readonly result?: CommandResult;
  readonly code?: string;
}

const program = programOf(new URL("../../testing/services/command-worker.ts", import.meta.url));

interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

/** A server of its own process, for one test. */
export async function startWorker(account: Account): Promise<Worker> {
  const worker = await openWorker(account);
  onTestFinished(worker.close);
  return worker;
}

async function openWorker(account: Account): Promise<Worker> {
  // oxlint-disable-next-line node/no-process-env -- it stands for a server of its own
  const env = { PATH: process.env["PATH"], HOME: "/nowhere", MADE_UP_CANARY: "made-up-canary" };
  const child = spawn(process.execPath, [...program.execArgv, program.file], {
    stdio: ["pipe", "pipe", "inherit"],
    env,
    ...account,
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Answer> => {
    const line: IteratorResult<string, unknown> = await lines.next();
    if (line.done === true) throw new Error("the worker is gone");
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by the worker
    return JSON.parse(line.value) as Answer;
  };
  await next();
  return {
    child,
    next,
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.stdin.end();
      await ended;
    },
    send: (command) => void child.stdin.write(`${JSON.stringify(command)}\n`),
  };
}

/** One for all tests of a file, which run one after the other: it keeps nothing from one command to the next. */
let shared: Promise<Worker> | null = null;

/** For `afterAll` of each file that has scenes. */
export async function endOrdinaryServer(): Promise<void> {
  const ending = shared;
  shared = null;
  await (await ending)?.close();
}

async function ordinaryServer(root: string): Promise<Pick<Scene, "run">> {
  shared ??= openWorker({ uid: nobody, gid: nobody });
  const { send, next } = await shared;
  return {
    run: async (script, { timeoutMs = 20_000, access = "sandbox", signal } = {}) => {
      if (signal !== undefined) throw new Error("a server of another process is sent no signal");
      send({ root, script, timeoutMs, access });
      for (;;) {
        const { result, code } = await next();
        if (result !== undefined) return result;
        if (code !== undefined) throw Object.assign(new Error(code), { code });
      }
    },
  };
}
