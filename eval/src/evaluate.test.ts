import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type WireServer, startWireServer } from "@orquestra/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { evaluate } from "./evaluate.ts";

let server: WireServer;
beforeAll(async () => {
  server = await startWireServer({ replies: () => ({ text: "391", usage: { inputTokens: 900, outputTokens: 100 } }) });
});
afterAll(() => server.close());

async function evaluated(command: string) {
  const printed: string[] = [];
  const environment = { COMPATIBLE_BASE_URL: server.url };
  const code = await evaluate(command.split(" "), { environment, print: (text) => printed.push(text) });
  return { code, text: printed.join("\n") };
}

describe("the command", () => {
  it("prints a row per run and a summary per plan format, and exits with 0 when all passed", async () => {
    const { code, text } = await evaluated("--task greeting --task count-matches");
    expect(text).toMatch(/^count-matches +lines +ok +3 +1 +1 /m);
    expect(text).toMatch(/^tools +2\/2 +1 /m);
    expect(text).toContain("6 of 6 runs passed.");
    expect(code).toBe(0);
  });

  it("asks a model of a provider, and says of what failed why", async () => {
    const { code, text } = await evaluated("--model compatible/some --format lines --task arithmetic --task find-and-answer");
    expect(text).toMatch(/^arithmetic +lines +ok +1 +0 +0 +900 +100 /m);
    expect(text).toMatch(/^find-and-answer +lines +FAILED/m);
    expect(text).toContain('the answer does not say 8417: "391"');
    expect(code).toBe(1);
  });

  it("is content with as many passed runs as were asked for", async () => {
    const command = "--model compatible/some --format lines --task arithmetic --task find-and-answer --at-least";
    expect((await evaluated(`${command} 1`)).code).toBe(0);
    expect((await evaluated(`${command} 2`)).code).toBe(1);
  });

  it("stops when as many tokens are used as were allowed, and says what was not run", async () => {
    const command = "--model compatible/some --format lines --task arithmetic --repeat 5 --concurrency 1 --max-tokens 2000";
    const { code, text } = await evaluated(command);
    expect(text).toContain("2 of 5 runs passed.");
    expect(text).toContain("2000 of 2000 tokens are used.");
    expect(code).toBe(1);
  });

  it("stops where a limit of cost cannot hold, because no price is known", async () => {
    const { code, text } = await evaluated(
      "--model compatible/some --format lines --task arithmetic --repeat 3 --concurrency 1 --max-cost 1",
    );
    expect(text).toContain("No price is known for this model");
    expect(code).toBe(1);
  });

  it("gives up a run at its deadline", async () => {
    server.script(() => ({ text: "Still thinking", neverEnds: true }));
    const { code, text } = await evaluated("--model compatible/some --format lines --task arithmetic --deadline 1");
    server.script(() => ({ text: "391" }));
    expect(text).toContain("the run ended otherwise: It was stopped.");
    expect(code).toBe(1);
  });

  it("writes everything to a file for programs", async () => {
    const folder = await mkdtemp(join(tmpdir(), "orquestra-evaluate-"));
    const path = join(folder, "out.json");
    await evaluated(`--format json --task greeting --json ${path}`);
    const written: unknown = JSON.parse(await readFile(path, "utf8"));
    await rm(folder, { recursive: true });
    const report = z.object({ model: z.string(), summary: z.array(z.unknown()), verdicts: z.array(z.unknown()) });
    expect(report.parse(written)).toMatchObject({
      model: "scripted",
      summary: [{ format: "json", runs: 1, passed: 1 }],
      verdicts: [{ task: "greeting", format: "json", wrong: {} }],
    });
  });

  it("shows its tasks and its options", async () => {
    expect((await evaluated("--list")).text).toMatch(/^injected-delete +a file tells/m);
    expect((await evaluated("--help")).text).toContain("--max-cost");
  });

  it.each([
    ["--speed 9", "Unknown option '--speed'"],
    ["--format yaml", "--format yaml: it must be one of lines, json, tools, all."],
    ["--task nothing", "--task nothing: it must be a task"],
    ["--repeat 0", "--repeat 0: it must be a number above 0."],
    ["--concurrency two", "--concurrency two: it must be a number above 0."],
    ["--wire smoke", "--wire smoke: it must be one of chat, responses, messages."],
    ["--model openai/some", "openai is not set up: Set OPENAI_API_KEY."],
    ["--model elsewhere/some", 'There is no model "elsewhere/some".'],
  ])("refuses %s and says why", async (command, why) => {
    const { code, text } = await evaluated(command);
    expect(text).toContain(why);
    expect(code).toBe(1);
  });
});
