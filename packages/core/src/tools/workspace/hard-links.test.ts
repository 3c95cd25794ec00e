import { execFileSync } from "node:child_process";
import { chmod, link, mkdir, mkdtemp, readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openWorkspaceFiles } from "./files.ts";
import { type Anchor, systemAnchor } from "./folder.ts";

const anchors: Anchor[] = systemAnchor === "procfs" ? ["procfs", "realpath"] : ["realpath"];
const isRoot = process.getuid?.() === 0;
const limits = { maxBytes: 100 };
let base: string;
let root: string;

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "hard-")));
  root = join(base, "workspace");
  await mkdir(join(root, "sub"), { recursive: true });
  await writeFile(join(base, "outside.txt"), "OUTSIDE");
  await writeFile(join(root, ".env"), "INSIDE");
});

afterEach(() => rm(base, { recursive: true, force: true }));

/**
 * A second name of a file is no pointer that could be refused by where it leads: it is the file. Whoever makes one has to own
 * the file or be able to read and write it (Linux with `protected_hardlinks`), so could have copied it as well, and package
 * managers fill whole folders with such names. So they are read, unless the file belongs to somebody else than the folder its
 * name stands in: that the owner of the folder had no right to copy. Writing puts a new file in the place of the name.
 */
describe.each(anchors)("a second name of a file (%s)", (anchor) => {
  const open = () => openWorkspaceFiles(root, anchor);

  test.each(["../outside.txt", ".env"])("of %s: writing, changing and removing leave the first as it was", async (target) => {
    const before = await readFile(join(root, target), "utf8");
    for (const name of ["notes.txt", "sub/notes.txt"]) {
      await link(join(root, target), join(root, name));
      const { bytes } = await open().readForChange(name, limits);
      await open().writeAtomic(name, Buffer.from("written"), { expected: bytes });
      expect(await readFile(join(root, name), "utf8")).toBe("written");
      await open().remove(name);
      await link(join(root, target), join(root, name));
      await open().remove(name);
    }
    expect(await readFile(join(root, target), "utf8")).toBe(before);
    expect((await stat(join(root, target))).nlink).toBe(1);
  });

  test("is read like the file it is, while its first name stays hidden", async () => {
    await link(join(root, ".env"), join(root, "notes.txt"));
    expect((await open().read("notes.txt", limits)).bytes.toString()).toBe("INSIDE");
    await expect(open().read(".env", limits)).rejects.toMatchObject({ code: "secret_path" });
  });

  test.runIf(isRoot)("of a file of somebody else is neither read nor taken as the start of a change", async () => {
    await link(join(base, "outside.txt"), join(root, "sub/notes.txt"));
    execFileSync("chown", ["12345:12345", join(root, "sub")]);
    const refused = { code: "path_is_hard_link" };
    await expect(open().read("sub/notes.txt", limits)).rejects.toMatchObject(refused);
    await expect(open().open("sub/notes.txt")).rejects.toMatchObject(refused);
    await expect(open().readForChange("sub/notes.txt", limits)).rejects.toMatchObject(refused);
    execFileSync("chown", ["12345:12345", join(base, "outside.txt")]);
    expect((await open().read("sub/notes.txt", limits)).bytes.toString()).toBe("OUTSIDE");
  });

  test.each([0o4755, 0o2755, 0o6711])(
    "that runs with the rights of its owner (%o) does not after it was written",
    async (mode) => {
      await writeFile(join(root, "tool"), "");
      await chmod(join(root, "tool"), mode);
      await link(join(root, "tool"), join(root, "second"));
      await open().writeAtomic("second", Buffer.from("#!/bin/sh\n"));
      expect((await stat(join(root, "second"))).mode & 0o7777).toBe(mode & 0o777);
      await open().writeAtomic("tool", Buffer.from("#!/bin/sh\n"), { mode });
      expect((await stat(join(root, "tool"))).mode & 0o7777).toBe(mode & 0o777);
    },
  );
});
