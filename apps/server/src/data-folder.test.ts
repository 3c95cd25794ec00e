import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ownerTokenOf, prepareDataFolder } from "./data-folder.ts";

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "orquestra-data-"));
});
afterEach(() => rmSync(parent, { recursive: true }));

const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe("the data folder", () => {
  it("is made for its owner's eyes only, with what lies above it, and nothing is left in it by trying", async () => {
    const folder = join(parent, "a", "b");
    await prepareDataFolder(folder);
    expect(modeOf(folder)).toBe(0o700);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is closed to others when it was open to them", async () => {
    chmodSync(parent, 0o755);
    await prepareDataFolder(parent);
    expect(modeOf(parent)).toBe(0o700);
  });

  it("that cannot be made is named, with what to do", async () => {
    const file = join(parent, "file");
    writeFileSync(file, "");
    for (const path of [file, join(file, "below")]) {
      await expect(prepareDataFolder(path)).rejects.toMatchObject({ code: "data_folder_unusable" });
      await expect(prepareDataFolder(path)).rejects.toThrow(new RegExp(`${path} .*--data-dir`));
    }
  });
});

describe("the owner's token", () => {
  it("is made once, long and for its owner's eyes only", async () => {
    const token = await ownerTokenOf(parent);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(await ownerTokenOf(parent)).toBe(token);
    expect(modeOf(join(parent, "token"))).toBe(0o600);
  });

  it("is closed to others when it was open to them", async () => {
    const path = join(parent, "token");
    writeFileSync(path, "chosen-by-the-owner\n", { mode: 0o644 });
    expect(await ownerTokenOf(parent)).toBe("chosen-by-the-owner");
    expect(modeOf(path)).toBe(0o600);
  });

  it("is one for many starts at once", async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => ownerTokenOf(parent)));
    expect(new Set(tokens).size).toBe(1);
    expect(tokens[0]).toMatch(/^[\w-]{43}$/);
    expect(readdirSync(parent)).toEqual(["token"]);
  });

  it.each(["", "short\n"])("is not taken from a file that holds %j", async (text) => {
    const path = join(parent, "token");
    writeFileSync(path, text);
    await expect(ownerTokenOf(parent)).rejects.toMatchObject({ code: "token_unreadable" });
    expect(readFileSync(path, "utf8")).toBe(text);
  });
});
