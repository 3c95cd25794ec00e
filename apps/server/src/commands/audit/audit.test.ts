import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CliHarness } from "../../cli-harness.ts";

const slowMs = 120_000;
const headLine = /^ {2}([0-9a-f-]{36}:\d+:[0-9a-f]{64})$/m;

describe("orquestra audit", () => {
  const cli = new CliHarness();
  beforeAll(async () => {
    expect(await cli.call(["user", "add", "Ada"])).toMatchObject({ code: 0 });
  }, slowMs);
  afterAll(() => cli.remove());

  it(
    "verify is fine with what was written, says what to note, and holds the audit against it",
    async () => {
      const { code, stdout } = await cli.call(["audit", "verify"]);
      expect(stdout).toMatch(/^ok {7}2 rows in 1 chain: each is as it was written\.\n/);
      expect(code).toBe(0);
      const [, head = ""] = headLine.exec(stdout) ?? [];
      expect(await cli.call(["audit", "verify", "--head", head])).toMatchObject({ code: 0 });
      const [chain = ""] = head.split(":");
      const cut = await cli.call(["audit", "verify", "--json", "--head", `${chain}:9:${"0".repeat(64)}`]);
      expect(cut.code).toBe(1);
      expect(JSON.parse(cut.stdout)).toMatchObject({
        sound: false,
        chains: [{ chain, problem: { position: 3, text: "It is missing, with all rows up to 9." } }],
      });
    },
    slowMs,
  );

  it(
    "export writes a file that verify takes, and finds what was changed in it",
    async () => {
      const file = join(cli.home, "audit.jsonl");
      expect(await cli.call(["audit", "export", file])).toMatchObject({ code: 0 });
      expect(await cli.call(["audit", "export", file])).toMatchObject({ code: 1 });
      expect(await cli.call(["audit", "verify", file])).toMatchObject({ code: 0 });
      const text = await readFile(file, "utf8");
      await writeFile(file, text.replace("bearer", "launch"));
      const found = await cli.call(["audit", "verify", file]);
      expect(found.stdout).toMatch(/^BROKEN {3}chain \S+, row 2: It was changed: its hash does not fit what it says\.$/m);
      expect(found.code).toBe(1);
      await writeFile(file, "no row\n");
      expect(await cli.call(["audit", "verify", file])).toMatchObject({
        code: 1,
        stderr: "orquestra: Line 1 is no row of an audit.\n",
      });
    },
    slowMs,
  );

  it(
    "verify asks the server that runs; doctor says how far it is",
    async () => {
      const { cli: server, launchUrl } = await cli.serve();
      const { code, stdout } = await cli.call(["audit", "verify"]);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^ok {7}\d+ rows in \d chains/);
      expect((await cli.call(["doctor"])).stdout).toMatch(
        /^ok {7}audit {8}\d+ rows in \d chains; newest head \S+:\d+:[0-9a-f]{64}$/m,
      );
      const refused = await fetch(new URL("/api/audit/rows", launchUrl));
      expect(refused.status).toBe(401);
      await server.stop();
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
  ])(
    "refuses %j",
    async (args, message) => {
      expect(await cli.call(args)).toMatchObject({ code: 2, stderr: `orquestra: ${message}\n` });
    },
    slowMs,
  );
});
