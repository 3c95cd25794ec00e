import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callHere } from "../../call-here-harness.ts";
import { CliHarness, type Outcome, type RunningCli } from "../../cli-harness.ts";

const slowMs = 120_000;
const headLine = /^ {2}([0-9a-f-]{36}:\d+:[0-9a-f]{64})$/m;

describe("orquestra audit", () => {
  const cli = new CliHarness();
  let server: RunningCli;
  let url: URL;
  const call = (...args: readonly string[]): Promise<Outcome> => callHere(cli, args);
  beforeAll(async () => {
    ({ cli: server, launchUrl: url } = await cli.serve());
    expect(await call("user", "add", "Ada")).toMatchObject({ code: 0 });
  }, slowMs);
  afterAll(() => cli.remove());

  it("verify is fine with what was written, says what to note, and holds the audit against it", async () => {
    const { code, stdout } = await call("audit", "verify");
    // The chain's first, the launch link of the server, the token of its user.
    expect(stdout).toMatch(/^ok {7}3 rows in 1 chain: each is as it was written\.\n/);
    expect(code).toBe(0);
    const [, head = ""] = headLine.exec(stdout) ?? [];
    expect(await call("audit", "verify", "--head", head)).toMatchObject({ code: 0 });
    const [chain = ""] = head.split(":");
    const cut = await call("audit", "verify", "--json", "--head", `${chain}:9:${"0".repeat(64)}`);
    expect(cut.code).toBe(1);
    expect(JSON.parse(cut.stdout)).toMatchObject({
      sound: false,
      chains: [{ chain, problem: { position: 4, text: "It is missing, with all rows up to 9." } }],
    });
  });

  it("export writes a file that verify takes, and finds what was changed in it", async () => {
    const file = join(cli.home, "audit.jsonl");
    expect(await call("audit", "export", file)).toMatchObject({ code: 0 });
    expect(await call("audit", "export", file)).toMatchObject({ code: 1 });
    expect(await call("audit", "verify", file)).toMatchObject({ code: 0 });
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace("bearer", "launch"));
    const found = await call("audit", "verify", file);
    expect(found.stdout).toMatch(/^BROKEN {3}chain \S+, row 3: It was changed: its hash does not fit what it says\.$/m);
    expect(found.code).toBe(1);
    await writeFile(file, "no row\n");
    expect(await call("audit", "verify", file)).toMatchObject({
      code: 1,
      stderr: "orquestra: Line 1 is no row of an audit.\n",
    });
  });

  it("is shown to nobody who does not say who they are, and doctor says how far it is", async () => {
    expect((await fetch(new URL("/api/audit/rows", url))).status).toBe(401);
    expect((await call("doctor")).stdout).toMatch(/^ok {7}audit {8}\d+ rows in \d chains?; newest head \S+:\d+:[0-9a-f]{64}$/m);
  });

  it(
    "verify opens the database itself when no server runs, and ends its process with what it found",
    async () => {
      const { stdout: before } = await call("audit", "verify");
      await server.stop();
      const wrong = (headLine.exec(before)?.[1] ?? "").replace(/[0-9a-f]{64}$/, "0".repeat(64));
      const { code, stdout } = await cli.call(["audit", "verify", "--head", wrong]);
      expect(stdout).toMatch(/^BROKEN {3}chain \S+, row \d+: It is another row than the one that was noted\.\n/);
      expect(stdout).toMatch(/^BROKEN {3}\d+ rows in 1 chain\.$/m);
      expect(code).toBe(1);
    },
    slowMs,
  );

  it.each([
    [["audit"], "Write: orquestra audit verify [FILE], or: orquestra audit export FILE"],
    [["audit", "verify", "--since", "yesterday"], '--since takes a day or a time, such as 2026-11-28, not "yesterday".'],
    [
      ["audit", "verify", "--head", "x"],
      '--head takes what audit verify prints (CHAIN:POSITION:HASH, several with commas), not "x".',
    ],
  ])("refuses %j", async (args, message) => {
    expect(await call(...args)).toMatchObject({ code: 2, stderr: `orquestra: ${message}\n` });
  });
});
