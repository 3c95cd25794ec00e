import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type EngineHarness, startEngine } from "../engine-harness.ts";
import { scriptedModel } from "../scripted-model.ts";
import { projectFolder } from "./scene.fixture.ts";

const folder = projectFolder();
const elsewhere = mkdtempSync(join(tmpdir(), "orquestra-elsewhere-"));
const link = join(elsewhere, "link");
let harness: EngineHarness;
beforeAll(async () => {
  symlinkSync(folder.path, link);
  harness = await startEngine({ model: scriptedModel([]), workspaces: folder.workspaces });
});
afterAll(async () => {
  await harness.close();
  folder.remove();
  rmSync(elsewhere, { recursive: true });
});

it.each([
  ["as the server does", folder.path],
  ["with a slash at its end", `${folder.path}/`],
  ["by a detour", `${folder.path}/../${folder.path.split("/").at(-1)}`],
  ["through a link", link],
])("a session gets a folder that is written %s", async (_, workspace) => {
  await harness.session({ workspace });
  expect((await harness.command("session-list", {})).items[0]?.workspace).toBe(folder.path);
  await harness.command("workspace-trust", { workspace, trusted: false });
});

it.each([
  ["another folder", elsewhere],
  ["a folder in it", `${folder.path}/src`],
  ["no folder", "/nowhere/at/all"],
  ["a relative path", "."],
])("a session does not get %s", async (_, workspace) => {
  await expect(harness.session({ workspace })).rejects.toMatchObject({
    code: "forbidden",
    message: `This server does not offer the folder ${workspace}. Start it there, or add the folder on its command line.`,
  });
  await expect(harness.command("workspace-trust", { workspace, trusted: true })).rejects.toMatchObject({ code: "not_found" });
});
