import { existsSync, readFileSync, readdirSync, readlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CliHarness } from "../cli-harness.ts";

const linux = existsSync("/proc/net/tcp");

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

function familyOf(pid: number): readonly number[] {
  const children = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((other) => new RegExp(`\\) \\S ${pid} `).test(read(`/proc/${other}/stat`)));
  return [pid, ...children.flatMap(familyOf)];
}

function socketsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap(
      (fd) => /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [],
    );
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

describe.skipIf(!linux)("what a command of the command line opens", () => {
  it("is one port of loopback while `run` is its own server, and that asks for the token", { timeout: 120_000 }, async () => {
    const running = cli.start(["run", "find TODO"], { env: { ORQUESTRA_MODEL: "demo" } });
    const pid = running.child.pid ?? 0;
    const seen = new Map<string, number>();
    while (running.child.exitCode === null) {
      for (const address of listening(pid)) {
        if (!seen.has(address)) seen.set(address, await statusOf(address));
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect((await running.ended).code).toBe(0);
    expect(seen.size).toBe(1);
    for (const [address, status] of seen) {
      expect(address).toMatch(/^0100007F:/);
      expect([address, status]).toEqual([address, 401]);
    }
  });

  it.each([["--version"], ["--help"], ["doctor"]])("is no port at all with %s", { timeout: 60_000 }, async (...args) => {
    const running = cli.start(args);
    const seen = new Set<string>();
    while (running.child.exitCode === null) {
      for (const address of listening(running.child.pid ?? 0)) seen.add(address);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect([...seen]).toEqual([]);
  });
});

/** What somebody without credentials is told there; 0 where nobody answers any more. */
async function statusOf(address: string): Promise<number> {
  const port = Number.parseInt(address.split(":")[1] ?? "", 16);
  try {
    return (await fetch(`http://127.0.0.1:${port}/openapi.json`)).status;
  } catch {
    return 0;
  }
}
