import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type PolicyPlaces, policyLayers } from "./policy-files.ts";

let home: string;
let places: PolicyPlaces;

beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), "orquestra-policy-")));
  for (const name of ["etc", "data"]) mkdirSync(join(home, name), { mode: 0o755 });
  places = { admin: join(home, "etc", "policy.yaml"), adminUid: process.getuid?.() ?? 0, dataFolder: join(home, "data") };
});
afterEach(() => rmSync(home, { recursive: true }));

const own = (): string => join(places.dataFolder, "policy.yaml");
const rules = "rules: [{ tool: shell, decision: deny }]\n";

describe("the policy files of a server", () => {
  it("may be missing", async () => {
    expect(await policyLayers(places)).toEqual([]);
    expect(await policyLayers({ ...places, admin: join(home, "nowhere", "policy.yaml") })).toEqual([]);
  });

  it("are the administrator's and the user's", async () => {
    writeFileSync(places.admin, rules, { mode: 0o644 });
    writeFileSync(own(), "rules: [{ tool: file_edit, decision: allow }]\n");
    expect(await policyLayers(places)).toMatchObject([
      { layer: "admin", rules: [{ tool: "shell", decision: "deny", line: 1 }] },
      { layer: "user", rules: [{ tool: "file_edit", decision: "allow" }] },
    ]);
  });

  type Spoil = (path: string) => void;
  it.each<readonly [string, Spoil, RegExp]>([
    [
      "a mistake",
      (path) => writeFileSync(path, "rules:\n  - tool: shell\n    decison: deny\n"),
      /policy\.yaml line 3: unknown key `decison`/,
    ],
    ["no YAML", (path) => writeFileSync(path, "rules: ["), /policy\.yaml line 1: is not YAML/],
    ["no text", (path) => writeFileSync(path, Buffer.from([0xff])), /policy\.yaml is not UTF-8/],
    ["too much", (path) => writeFileSync(path, "#".repeat(300_000)), /policy\.yaml is larger than 256 KiB/],
    ["a folder in its place", (path) => mkdirSync(path), /policy\.yaml is no regular file/],
    ["a link in its place", (path) => symlinkSync(writeElsewhere(), path), /policy\.yaml is a symbolic link/],
  ])("keep the server from starting for %s, in one line that says where", async (_, spoil, message) => {
    for (const path of [places.admin, own()]) {
      spoil(path);
      const failure = expect(policyLayers(places)).rejects;
      await failure.toMatchObject({ code: "policy_unusable" });
      await expect(policyLayers(places)).rejects.toThrow(message);
      await expect(policyLayers(places)).rejects.toThrow(/^[^\n]+$/);
      rmSync(path, { recursive: true });
    }
  });

  function writeElsewhere(): string {
    const path = join(home, "elsewhere.yaml");
    writeFileSync(path, rules);
    return path;
  }

  it("are refused where others could have written the administrator's", async () => {
    writeFileSync(places.admin, rules, { mode: 0o644 });
    chmodSync(places.admin, 0o664);
    await expect(policyLayers(places)).rejects.toThrow(/etc\/policy\.yaml must belong to .* and be writable by nobody else/);
    chmodSync(places.admin, 0o644);
    chmodSync(join(home, "etc"), 0o777);
    await expect(policyLayers(places)).rejects.toThrow(/etc must belong to .* and be writable by nobody else/);
    chmodSync(join(home, "etc"), 0o755);
    await expect(policyLayers({ ...places, adminUid: places.adminUid + 1 })).rejects.toThrow(/must belong to user \d+/);
    expect(await policyLayers(places)).toHaveLength(1);
  });
});
