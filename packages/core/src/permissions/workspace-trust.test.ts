import { mkdir, mkdtemp, readFile, readdir, realpath, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fileWorkspaceTrust, inMemoryWorkspaceTrust } from "./workspace-trust.ts";

let home: string;
let data: string;
let project: string;
let other: string;

beforeEach(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), "orquestra-trust-")));
  [data, project, other] = [join(home, "data"), join(home, "project"), join(home, "other")];
  await Promise.all([mkdir(join(project, "sub"), { recursive: true }), mkdir(other)]);
});

afterEach(() => rm(home, { recursive: true, force: true }));

describe.each([
  ["kept in a file", () => fileWorkspaceTrust(data)],
  ["kept in memory", () => inMemoryWorkspaceTrust()],
])("trust %s", (_, make) => {
  test("is unknown until somebody was asked, and then what they answered last", async () => {
    const trust = make();
    expect(await trust.isTrusted(project)).toBeNull();
    await trust.set(project, true);
    expect(await trust.isTrusted(project)).toBe(true);
    await trust.set(project, false);
    expect(await trust.isTrusted(project)).toBe(false);
    expect(await trust.list()).toEqual([{ root: project, trusted: false }]);
  });

  test("does not spread to the folders around", async () => {
    const trust = make();
    await trust.set(project, true);
    expect(await trust.isTrusted(join(project, "sub"))).toBeNull();
    expect(await trust.isTrusted(home)).toBeNull();
    expect(await trust.isTrusted(other)).toBeNull();
  });

  test("goes by the real path", async () => {
    const trust = make();
    const link = join(home, "link");
    await symlink(project, link);
    await trust.set(link, true);
    expect(await trust.isTrusted(project)).toBe(true);
    expect(await trust.isTrusted(link)).toBe(true);
    await rm(link);
    await symlink(other, link);
    expect(await trust.isTrusted(link)).toBeNull();
  });

  test("knows nothing of a folder that is not there, and cannot be given to one", async () => {
    const trust = make();
    expect(await trust.isTrusted(join(home, "gone"))).toBeNull();
    await expect(trust.set(join(home, "gone"), true)).rejects.toMatchObject({ code: "workspace_missing" });
  });

  test("keeps every answer of many given at once", async () => {
    const trust = make();
    const folders = Array.from({ length: 20 }, (__, index) => join(home, `p${index}`));
    await Promise.all(folders.map((path) => mkdir(path)));
    await Promise.all(folders.map((path) => trust.set(path, true)));
    expect((await trust.list()).map(({ root }) => root).toSorted()).toEqual(folders.toSorted());
  });
});

describe("the trust file", () => {
  test("outlives the process, is its owner's alone and leaves no drafts behind", async () => {
    await fileWorkspaceTrust(data).set(project, true);
    expect(await fileWorkspaceTrust(data).isTrusted(project)).toBe(true);
    expect((await stat(join(data, "trust.json"))).mode & 0o777).toBe(0o600);
    expect(await readdir(data)).toEqual(["trust.json"]);
  });

  test.each([
    ["half a file", '{"version":1,"workspaces":{"'],
    ["an unknown field", '{"version":1,"workspaces":{},"all":true}'],
    ["an answer that is none", '{"version":1,"workspaces":{"/":"yes"}}'],
    ["another version", '{"version":2,"workspaces":{}}'],
    ["nothing", ""],
  ])("that holds %s trusts nothing, says so and is not written over", async (_, text) => {
    const path = join(data, "trust.json");
    await mkdir(data);
    await writeFile(path, text);
    const trust = fileWorkspaceTrust(data);
    const unreadable = new RegExp(`${path} cannot be read`);
    await expect(trust.isTrusted(project)).rejects.toThrow(unreadable);
    await expect(trust.list()).rejects.toThrow(unreadable);
    await expect(trust.set(project, true)).rejects.toThrow(unreadable);
    expect(await readFile(path, "utf8")).toBe(text);
  });
});
