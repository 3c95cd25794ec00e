import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { newId } from "../../lib/ids.ts";
import type { CommandRunner } from "../../tools/index.ts";

export interface EscapeAttempt {
  /** "write outside the workspace" */
  readonly name: string;
  readonly held: boolean;
}

interface Place {
  readonly root: string;
  /** A file of the machine with `canary` in it. */
  readonly outside: string;
  readonly canary: string;
  readonly hidden: readonly string[];
  readonly port: number;
}

/** Milliseconds for all attempts together; a beat of what would live on is waited for in the end. */
const timeoutMs = 8000;
const beatMs = 120;

/**
 * Each prints its number when it succeeds; a script that cannot even try has not escaped either. They run where nobody knows yet
 * whether anything holds them: every one must be harmless where it succeeds.
 */
const attempts: readonly (readonly [name: string, script: (place: Place) => string])[] = [
  ["read files of the machine", ({ outside, canary }) => `grep -q ${canary} ${quoted(outside)}`],
  ["read password hashes", () => "head -c 1 /etc/shadow"],
  [
    "read Orquestra's own data",
    ({ hidden }) => (hidden.length === 0 ? "false" : `ls -A ${hidden.map(quoted).join(" ")} | grep -q .`),
  ],
  ["read a secret of the workspace", ({ canary }) => `grep -q ${canary} .env`],
  ["plant a git hook", () => "echo x > .git/hooks/post-checkout"],
  ["reach a server of this machine", ({ port }) => `(exec 3<>/dev/tcp/127.0.0.1/${port})`],
  ["see processes of the machine", () => `[ $(ls /proc | grep -c '^[0-9]') -gt 12 ] || kill -0 ${process.pid}`],
  ["change the kernel's settings", () => "[ -w /proc/sys/kernel/core_pattern ]"],
  ["be root in a namespace of its own", () => "unshare --user --map-root-user true"],
  ["arrange what is mounted", () => "unshare --mount true"],
];
/** Judged by what has become of the machine: a file of that name in the sandbox's own /tmp is none of its. */
const write = "write outside the workspace";
const outlive = "outlive the command";

/** Tries to break out of a sandbox in a throw-away workspace. Throws where not even an honest command works in it. */
export async function tryToEscape(runner: CommandRunner, hidden: readonly string[]): Promise<readonly EscapeAttempt[]> {
  const top = await realpath(await mkdtemp(join(tmpdir(), "orquestra-probe-")));
  const listener = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  try {
    await once(listener, "listening");
    const address = listener.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    return await tryAll(runner, await makePlace(top, hidden, port));
  } finally {
    listener.close();
    // What broke out may still be at work there for a moment.
    await rm(top, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

async function makePlace(top: string, hidden: readonly string[], port: number): Promise<Place> {
  const canary = `canary-${newId()}`;
  const place = { root: join(top, "workspace"), outside: join(top, "outside"), canary, hidden, port };
  await chmod(top, 0o755);
  await mkdir(join(place.root, ".git/hooks"), { recursive: true });
  await Promise.all([writeFile(join(place.root, ".env"), canary), writeFile(place.outside, canary)]);
  return place;
}

async function tryAll(runner: CommandRunner, place: Place): Promise<readonly EscapeAttempt[]> {
  const { exitCode, stdout, stderr } = await runner.run({
    program: "/bin/bash",
    args: ["-c", scriptOf(place)],
    cwd: ".",
    environment: {},
    timeoutMs,
    access: "sandbox",
    onOutput: () => undefined,
    root: place.root,
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (exitCode !== 0 || !stdout.endsWith("tried\n"))
    throw new Error(`a command failed in the sandbox: ${stderr.trim().slice(-300)}`);
  const escaped = new Set(stdout.split("\n"));
  const untouched = (await readFile(place.outside, "utf8")) === place.canary;
  return [
    { name: write, held: untouched },
    ...attempts.map(([name], number) => ({ name, held: !escaped.has(String(number)) })),
    { name: outlive, held: !(await beats(join(place.root, "beat"))) },
  ];
}

function scriptOf(place: Place): string {
  const daemon =
    "setsid sh -c '(trap \"\" TERM HUP; for i in $(seq 300); do date +%N > beat || exit; sleep 0.02; done) &' > /dev/null 2>&1 < /dev/null &";
  const tries = attempts.map(([, script], number) => `{ ${script(place)}; } > /dev/null 2>&1 && echo ${number}`);
  // That an honest command works is part of the answer.
  return [
    daemon,
    `echo x >> ${quoted(place.outside)}`,
    ...tries,
    "until [ -s beat ]; do sleep 0.01; done",
    "echo x > honest && echo tried",
  ].join("\n");
}

async function beats(file: string): Promise<boolean> {
  const { mtimeMs } = await stat(file);
  await wait(beatMs);
  return (await stat(file)).mtimeMs !== mtimeMs;
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
