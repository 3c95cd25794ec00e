import { existsSync, readFileSync, readdirSync, readlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CliHarness } from "../cli-harness.ts";

/** Where it is told who listens, and who was started by whom. */
const told = existsSync("/proc/net/tcp") && existsSync(`/proc/${process.pid}/task/${process.pid}/children`);

let cli: CliHarness;

beforeEach(() => {
  cli = new CliHarness();
});
afterEach(() => cli.remove());

/** Sockets on which a process listens, as `address:port` in the kernel's spelling, and those of its children. */
function listening(pid: number): readonly string[] {
  const inodes = new Set(familyOf(pid).flatMap(socketsOf));
  return ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) =>
    readFileSync(table, "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === "0A" && inodes.has(fields[9] ?? ""))
      .map((fields) => fields[1] ?? ""),
  );
}

/** Asked again and again, so without looking at every process there is. */
function familyOf(pid: number): readonly number[] {
  const threads = attempt(() => readdirSync(`/proc/${pid}/task`), []);
  const children = threads.flatMap((thread) => read(`/proc/${pid}/task/${thread}/children`).trim().split(" "));
  return [
    pid,
    ...children
      .filter((child) => child !== "")
      .map(Number)
      .flatMap(familyOf),
  ];
}

function socketsOf(pid: number): readonly string[] {
  const open = attempt(() => readdirSync(`/proc/${pid}/fd`), []);
  return open.flatMap((fd) => {
    const target = attempt(() => readlinkSync(`/proc/${pid}/fd/${fd}`), "");
    return /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? [];
  });
}

function read(path: string): string {
  return attempt(() => readFileSync(path, "utf8"), "");
}

/** What is looked at may be gone by then. */
function attempt<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}

/** What a command listens on while it lives, with what a stranger is told there. */
async function opened(args: readonly string[], env: Record<string, string> = {}): Promise<ReadonlyMap<string, number>> {
  const running = cli.start(args, { env });
  const asked = new Map<string, Promise<number>>();
  while (running.child.exitCode === null && running.child.signalCode === null) {
    for (const address of listening(running.child.pid ?? 0)) {
      if (!asked.has(address)) asked.set(address, statusOf(address));
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect((await running.ended).code).toBe(0);
  return new Map(await Promise.all([...asked].map(async ([address, status]) => [address, await status] as const)));
}

describe.skipIf(!told)("what a command of the command line opens", () => {
  it("is one port of loopback while `run` is its own server, and that asks for the token", { timeout: 120_000 }, async () => {
    const seen = await opened(["run", "find TODO"], { ORQUESTRA_MODEL: "demo" });
    // The sandbox's test of itself listens for a moment, to see that nobody gets out to it: it hangs up on everybody.
    const answers = [...seen].filter(([, status]) => status !== 0);
    expect(answers).toEqual([[expect.stringMatching(/^0100007F:/), 401]]);
    expect([...seen.keys()].filter((address) => !address.startsWith("0100007F:"))).toEqual([]);
    expect(seen.size).toBeLessThanOrEqual(2);
  });

  it("is no port at all where it needs none", { timeout: 60_000 }, async () => {
    expect([...(await opened(["--version"])).keys()]).toEqual([]);
  });

  it("is nothing that answers with doctor, which tries the sandbox out", { timeout: 60_000 }, async () => {
    const seen = await opened(["doctor"]);
    expect([...seen].filter(([address, status]) => status !== 0 || !address.startsWith("0100007F:"))).toEqual([]);
  });
});

/** What somebody without credentials is told there; 0 where nobody answers any more. */
async function statusOf(address: string): Promise<number> {
  const port = Number.parseInt(address.split(":")[1] ?? "", 16);
  try {
    const { status, body } = await fetch(`http://127.0.0.1:${port}/openapi.json`, { signal: AbortSignal.timeout(10_000) });
    // What is left unread would keep the connection, and so the server.
    await body?.cancel();
    return status;
  } catch {
    return 0;
  }
}
