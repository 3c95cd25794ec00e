import { type RecordedRequest, type Reply, type WireServer, startWireServer } from "@orquestra/core/testing";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readConfig } from "../config.ts";
import { liveText, readLiveRecord } from "./record.ts";
import { testLive } from "./test-live.ts";

let server: WireServer;
let home: string;
let said: string[];
beforeEach(async () => {
  server = await startWireServer({ models: ["tiny"] });
  home = mkdtempSync(join(tmpdir(), "orquestra-live-test-"));
  said = [];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => said.push(String(text)) > 0);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await server.close();
  rmSync(home, { recursive: true });
});

const usage = { inputTokens: 1000, outputTokens: 100 };
const plan = (...lines: readonly string[]): Reply => ({ text: ["```plan", ...lines, "```"].join("\n"), usage });

/** A model that does what the checks ask. */
function obedient({ body }: RecordedRequest): Reply {
  const prompt = JSON.stringify(body);
  if (prompt.includes("count from 1")) return { text: "one two three four ", neverEnds: true, usage };
  const again = prompt.includes(String.raw`status=\"completed\"`);
  if (prompt.includes("pier and the colour")) {
    return again ? { text: "Pier 7, and it is blue.", usage } : plan('1. file_read("harbour.txt")', '2. file_read("colour.txt")');
  }
  if (prompt.includes("word lantern")) {
    return again ? { text: "Until 04:00.", usage } : plan('1. code_search("lantern")', "2. file_read($1.matches[0].path)");
  }
  return again ? { text: "It is green now.", usage } : plan('1. file_edit("colour.txt", "blue", "green")');
}

const noted = (): string => join(home, "live.json");
const tried = (environment: { readonly [name: string]: string }) =>
  testLive(noted(), readConfig({}, { HOME: home, PATH: "", ...environment }));

describe("the live test", () => {
  it("tries what a person set up, notes the day of a server that passes, and tells its usage", async () => {
    server.script(obedient);
    expect(await tried({ COMPATIBLE_BASE_URL: server.url })).toBe(0);
    const text = said.join("");
    for (const check of ["plan", "chained call", "edit", "cancel"]) expect(text).toMatch(new RegExp(`ok +${check}`));
    expect(text).toContain("compatible/tiny\n");
    expect(text).toContain("cost not known");
    const record = readLiveRecord(noted());
    expect(record["compatible"]).toMatchObject({ model: "tiny", checks: ["plan", "chained call", "edit", "cancel"] });
    expect(liveText(record, "compatible")).toMatch(/^last verified live: \d{4}-\d\d-\d\d with tiny \(plan, /);
    expect(liveText(record, "openai")).toContain("never");
  });

  it("tells the cost where it is known, and notes nothing of another server under a vendor's name", async () => {
    server.script(obedient);
    const openai = { OPENAI_API_KEY: "made-up-key", OPENAI_BASE_URL: server.url };
    const anthropic = { ANTHROPIC_API_KEY: "made-up-key", ANTHROPIC_BASE_URL: server.anthropicUrl };
    expect(await tried({ ...openai, ...anthropic })).toBe(0);
    expect(said.join("")).toMatch(/openai\/gpt-5\.4-nano\n/);
    expect(said.join("")).toMatch(/anthropic\/claude-haiku-4-5\n/);
    expect(existsSync(noted())).toBe(false);
    expect(said.join("")).not.toContain("made-up-key");
  });

  it("says what failed, and leaves the record as it was", async () => {
    server.script(() => ({ status: 401 }));
    expect(await tried({ COMPATIBLE_BASE_URL: server.url })).toBe(1);
    expect(said.join("")).toMatch(/FAILED +plan .*The key for compatible was refused \(401\)/);
    expect(existsSync(noted())).toBe(false);
  });

  it("says what to set where nothing is", async () => {
    expect(await tried({})).toBe(2);
    expect(said.join("")).toContain("OPENAI_API_KEY");
    expect(readFileSync(new URL("../../../../package.json", import.meta.url), "utf8")).toContain('"test:live"');
  });
});
