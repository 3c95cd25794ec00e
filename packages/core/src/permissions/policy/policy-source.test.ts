import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { authorize } from "../authorize.ts";
import { callOf, contextOf, modes, tools } from "../calls.fixture.ts";
import { type Policy, noPolicy } from "./compile-policy.ts";
import { policyLayer } from "./policy-layer.ts";
import { policySource } from "./policy-source.ts";

let root = "";
const warnings: string[] = [];
const warn = (warning: string): unknown => warnings.push(warning);

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "policy-")));
  warnings.length = 0;
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(root, { recursive: true });
});

async function write(text: string | Buffer): Promise<void> {
  await mkdir(join(root, ".orquestra"), { recursive: true });
  await writeFile(join(root, ".orquestra", "policy.yaml"), text);
}

function policyHere(): Promise<Policy> {
  return policySource([], { warn }).policyFor({ root, trusted: false });
}

/** What an edit comes to that would run by itself, and a read. */
function said(policy: Policy): readonly string[] {
  const edit = authorize(callOf(), contextOf({ policy, mode: modes.workspace }));
  const read = authorize(callOf({ tool: tools.read }), contextOf({ policy, mode: modes.workspace }));
  return [edit.decision === "ask" ? `ask: ${edit.reasons.join(" ")}` : edit.decision, read.decision];
}

const unusable = "ask: This folder's policy cannot be used, so everything but reading asks. .orquestra/policy.yaml";

describe("the policy of a folder", () => {
  test("is what was given where the folder says nothing, or there is none", async () => {
    const source = policySource([], { warn });
    expect((await source.policyFor({ root, trusted: true })).hash).toBe(noPolicy.hash);
    expect((await source.policyFor(null)).hash).toBe(noPolicy.hash);
    await mkdir(join(root, ".orquestra"));
    expect((await source.policyFor({ root, trusted: true })).hash).toBe(noPolicy.hash);
  });

  test("tightens, in a folder that is not trusted too, and as it is when the run starts", async () => {
    const source = policySource([policyLayer("user", [{ tool: "file_edit", decision: "allow" }])], { warn });
    await write("rules: [{ tool: file_edit, decision: ask }]");
    const before = await source.policyFor({ root, trusted: false });
    expect(said(before)).toEqual(["ask: Asked for by the policy of this folder, line 1.", "allow"]);
    await write("rules: [{ tool: file_edit, decision: deny }]");
    expect(said(await source.policyFor({ root, trusted: false }))).toEqual(["deny", "allow"]);
    expect(said(before)[0]).toContain("ask");
  });

  test("that would widen is ignored and said once, however often it is read", async () => {
    await write("rules:\n  - { tool: ticket_create, decision: allow }\n");
    const source = policySource([], { warn });
    const policy = await source.policyFor({ root, trusted: true });
    await source.policyFor({ root, trusted: true });
    expect(authorize(callOf({ tool: tools.note, args: {} }), contextOf({ policy })).decision).toBe("ask");
    expect(warnings).toEqual([
      `${root}: workspace policy line 2: widens what may be done; ignored. A folder may only ask or deny.`,
    ]);
  });

  test.each<readonly [string, string | Buffer, string]>([
    ["a mistake", "rules:\n  - { tool: file_edit, decison: deny }\n", " line 2: unknown key `decison`; did you mean `decision`?"],
    ["no YAML", "rules: [", " line 1: is not YAML (bad indent)"],
    ["no text", Buffer.from([0xff, 0xfe, 0x00]), ": it is not UTF-8"],
    [
      "more than is read",
      "#".repeat(70_000),
      ": .orquestra/policy.yaml is too large for that: it has 0.1 MiB, and the limit is 0.1 MiB.",
    ],
  ])("with %s lets only reads pass, and says what is wrong", async (_, text, problem) => {
    await write(text);
    expect(said(await policyHere())).toEqual([`${unusable}${problem}`, "allow"]);
    expect(warnings).toHaveLength(1);
  });

  test("is never read through a link, nor from a folder or a pipe", async () => {
    const elsewhere = join(root, "elsewhere.yaml");
    await writeFile(elsewhere, "rules: []");
    await mkdir(join(root, ".orquestra"));
    await symlink(elsewhere, join(root, ".orquestra", "policy.yaml"));
    expect(said(await policyHere())[0]).toContain(unusable);
    await rm(join(root, ".orquestra"), { recursive: true });
    await mkdir(join(root, "real"));
    await writeFile(join(root, "real", "policy.yaml"), "rules: []");
    await symlink(join(root, "real"), join(root, ".orquestra"));
    expect(said(await policyHere())[0]).toContain(unusable);
    await rm(join(root, ".orquestra"));
    await mkdir(join(root, ".orquestra", "policy.yaml"), { recursive: true });
    expect(said(await policyHere())[0]).toContain(unusable);
  });

  test("that does not come within two seconds is one that cannot be used", async () => {
    vi.useFakeTimers();
    const never = { readForChange: () => new Promise<never>(() => undefined) };
    const policy = policySource([], { warn, openFiles: () => never }).policyFor({ root, trusted: true });
    await vi.advanceTimersByTimeAsync(2000);
    expect(said(await policy)).toEqual([`${unusable}: it could not be read in time`, "allow"]);
  });

  test("that breaks in a way nobody expected is one that cannot be used", async () => {
    const broken = { readForChange: () => Promise.reject(new Error("EIO: at /secret/place")) };
    const policy = await policySource([], { warn, openFiles: () => broken }).policyFor({ root, trusted: true });
    expect(said(policy)).toEqual([`${unusable}: it could not be read`, "allow"]);
  });
});
