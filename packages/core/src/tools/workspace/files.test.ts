import { execFileSync } from "node:child_process";
import { chmod, link, lstat, mkdir, mkdtemp, readFile, readdir, realpath, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ToolError } from "../tool-error.ts";
import { openWorkspaceFiles } from "./files.ts";
import { type Anchor, systemAnchor } from "./folder.ts";

const anchors: Anchor[] = systemAnchor === "procfs" ? ["procfs", "realpath"] : ["realpath"];
const isRoot = process.getuid?.() === 0;
let base: string;
let root: string;
let outside: string;

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "files-")));
  root = join(base, "workspace");
  outside = join(base, "outside");
  await mkdir(join(root, "src/lib"), { recursive: true });
  await mkdir(outside);
  await writeFile(join(root, "src/client.ts"), "client\n");
  await writeFile(join(root, "src/lib/retry.ts"), "retry\n");
  await writeFile(join(root, "README.md"), "# Read me\n");
  await writeFile(join(outside, "secret.txt"), "OUTSIDE\n");
});

afterEach(() => rm(base, { recursive: true, force: true }));

const handles = async (): Promise<number> => (await readdir("/proc/self/fd")).length;

const code = async (action: Promise<unknown>): Promise<string> => (await failure(action)).code;

async function failure(action: Promise<unknown>): Promise<ToolError> {
  const error = await action.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof ToolError) return error;
  throw new Error(`expected a ToolError, got ${String(error)}`);
}

describe.each(anchors)("files of a workspace, anchored by %s", (anchor) => {
  const open = () => openWorkspaceFiles(root, anchor);
  const limits = { maxBytes: 1000 };

  test("are read with their mode under any spelling of their path", async () => {
    await chmod(join(root, "src/client.ts"), 0o640);
    for (const path of ["src/client.ts", "./src/lib/../client.ts", join(root, "src/client.ts")]) {
      const content = await open().read(path, limits);
      expect({ ...content, bytes: content.bytes.toString() }).toEqual({ path: "src/client.ts", bytes: "client\n", mode: 0o640 });
    }
  });

  test("are not suggested where they are what was asked for: a link that leads nowhere", async () => {
    await symlink("nothing.ts", join(root, "src/gone.ts"));
    expect((await failure(open().read("src/gone.ts", limits))).message).not.toContain("Did you mean src/gone.ts");
  });

  test("are listed by name, with kind and size, without secrets", async () => {
    await writeFile(join(root, "src/.env"), "KEY=1");
    await symlink("client.ts", join(root, "src/alias.ts"));
    const entries = (await open().list("src")).map(({ path, kind, size }) => ({ path, kind, size }));
    expect(entries).toMatchObject([
      { path: "src/alias.ts", kind: "link" },
      { path: "src/client.ts", kind: "file", size: 7 },
      { path: "src/lib", kind: "folder" },
    ]);
    expect((await open().list(".")).map((entry) => entry.path)).toEqual(["README.md", "src"]);
  });

  test("that are missing name what was probably meant", async () => {
    const missing = await failure(open().read("src/retry.ts", limits));
    expect(missing).toMatchObject({ code: "path_not_found", message: expect.stringContaining("src/lib/retry.ts") as unknown });
    expect((await failure(open().read("readme.md", limits))).message).toContain("README.md");
    expect((await failure(open().read("src/cleint.ts", limits))).message).toContain("src/client.ts");
    expect((await failure(open().read("zzz/qqq.rs", limits))).message).not.toContain("mean");
    expect(await code(open().list("nowhere"))).toBe("path_not_found");
  });

  test("never suggest a secret", async () => {
    await writeFile(join(root, "server.pem"), "x");
    expect((await failure(open().read("server.pen", limits))).message).not.toContain("server.pem");
  });

  test("that are folders, too large, or no regular files say so", async () => {
    await writeFile(join(root, "big.txt"), "x".repeat(1001));
    execFileSync("mkfifo", [join(root, "pipe")]);
    expect(await code(open().read("src", limits))).toBe("path_is_directory");
    expect(await code(open().read("big.txt", limits))).toBe("file_too_large");
    expect(await code(open().read("pipe", limits))).toBe("path_not_a_file");
    expect(await code(open().read("README.md/x", limits))).toBe("path_not_directory");
    expect(await code(open().openFolder("README.md"))).toBe("path_not_directory");
    expect(await code(open().writeAtomic("pipe", Buffer.from("x")))).toBe("path_not_a_file");
  });

  test.skipIf(isRoot)("that the system denies say so", async () => {
    await chmod(join(root, "src/client.ts"), 0);
    expect(await code(open().read("src/client.ts", limits))).toBe("permission_denied");
  });

  test("are read through links that stay inside, under their real path", async () => {
    await symlink("src/lib", join(root, "library"));
    await symlink("../client.ts", join(root, "src/lib/up.ts"));
    await symlink(join(root, "library/up.ts"), join(root, "far.ts"));
    expect(await open().resolve("library/retry.ts")).toBe("src/lib/retry.ts");
    expect((await open().read("far.ts", limits)).path).toBe("src/client.ts");
    expect((await open().list("library")).map((entry) => entry.path)).toEqual(["src/lib/retry.ts", "src/lib/up.ts"]);
  });

  test("are not reached through links that lead outside", async () => {
    await symlink(outside, join(root, "away"));
    await symlink(join(outside, "secret.txt"), join(root, "file.txt"));
    await symlink("../outside/secret.txt", join(root, "relative.txt"));
    await symlink("away", join(root, "hop"));
    for (const path of ["away/secret.txt", "file.txt", "relative.txt", "hop/secret.txt"]) {
      expect(await code(open().read(path, limits))).toBe("path_outside_workspace");
      expect(await code(open().open(path))).toBe("path_outside_workspace");
      expect(await code(open().resolve(path))).toBe("path_outside_workspace");
    }
    expect(await code(open().list("away"))).toBe("path_outside_workspace");
    expect(await code(open().openFolder("hop"))).toBe("path_outside_workspace");
  });

  test("end links that go in circles", async () => {
    await symlink("b", join(root, "a"));
    await symlink("a", join(root, "b"));
    expect(await code(open().read("a", limits))).toBe("path_is_symlink");
    expect(await code(open().read("a/x", limits))).toBe("path_is_symlink");
  });

  test("that are secret are hidden even behind a harmless link", async () => {
    await mkdir(join(root, ".ssh"));
    await writeFile(join(root, ".ssh/id"), "KEY");
    await writeFile(join(root, ".env"), "KEY");
    await symlink(".env", join(root, "notes.txt"));
    await symlink(".ssh", join(root, "docs"));
    for (const path of [".env", ".ENV", "notes.txt", "docs/id", ".ssh/id", ".ssh/none", "src/../.env"]) {
      expect(await code(open().read(path, limits))).toBe("secret_path");
      expect(await code(open().stat(path))).toBe("secret_path");
    }
    expect(await code(open().list("docs"))).toBe("secret_path");
    for (const path of [".env", ".env.local", "new.pem"])
      expect(await code(open().writeAtomic(path, Buffer.from("x")))).toBe("secret_path");
    expect(await code(open().remove(".env"))).toBe("secret_path");
  });

  test("are written whole, in folders made on the way, with the mode of what they replace", async () => {
    await open().writeAtomic("docs/deep/new.md", Buffer.from("new\n"));
    expect(await readFile(join(root, "docs/deep/new.md"), "utf8")).toBe("new\n");
    await chmod(join(root, "src/client.ts"), 0o755);
    await open().writeAtomic("src/client.ts", Buffer.from("changed\n"));
    expect((await stat(join(root, "src/client.ts"))).mode & 0o777).toBe(0o755);
    await open().writeAtomic("src/client.ts", Buffer.from("again\n"), { mode: 0o600 });
    expect((await stat(join(root, "src/client.ts"))).mode & 0o777).toBe(0o600);
    expect(await readdir(join(root, "src"))).toEqual(["client.ts", "lib"]);
  });

  test("that are new get the mode the system gives new files", async () => {
    const mask = process.umask();
    await open().writeAtomic("new.txt", Buffer.from("x"));
    expect((await stat(join(root, "new.txt"))).mode & 0o777).toBe(0o666 & ~mask);
  });

  test.runIf(isRoot)("keep their owner when the server is root", async () => {
    execFileSync("chown", ["12345:12346", join(root, "src/client.ts")]);
    await open().writeAtomic("src/client.ts", Buffer.from("x"));
    expect(await stat(join(root, "src/client.ts"))).toMatchObject({ uid: 12_345, gid: 12_346 });
  });

  test("are not written when they no longer hold what was expected", async () => {
    const expected = Buffer.from("client\n");
    await open().writeAtomic("src/client.ts", Buffer.from("one\n"), { expected });
    expect(await code(open().writeAtomic("src/client.ts", Buffer.from("two\n"), { expected }))).toBe("file_changed");
    expect(await code(open().writeAtomic("src/client.ts", Buffer.from("two\n"), { expected: null }))).toBe("file_changed");
    expect(await code(open().writeAtomic("gone.ts", Buffer.from("two\n"), { expected }))).toBe("file_changed");
    expect(await code(open().remove("src/client.ts", { expected }))).toBe("file_changed");
    expect(await readFile(join(root, "src/client.ts"), "utf8")).toBe("one\n");
    expect(await readdir(join(root, "src"))).toEqual(["client.ts", "lib"]);
    expect(await readdir(root)).toEqual(["README.md", "src"]);
  });

  test("are never written or removed through a link", async () => {
    await symlink("client.ts", join(root, "src/alias.ts"));
    await symlink("src", join(root, "sources"));
    await symlink(outside, join(root, "away"));
    await symlink(join(outside, "new.txt"), join(root, "dangling"));
    for (const path of ["src/alias.ts", "sources/client.ts", "sources/new.ts", "away/new.ts", "away/secret.txt", "dangling"]) {
      expect(await code(open().writeAtomic(path, Buffer.from("x")))).toBe("path_is_symlink");
      expect(await code(open().readForChange(path, limits))).toBe("path_is_symlink");
      expect(await code(open().remove(path))).toBe("path_is_symlink");
    }
    expect(await readdir(outside)).toEqual(["secret.txt"]);
    expect(await readFile(join(root, "src/client.ts"), "utf8")).toBe("client\n");
  });

  test("that share their bytes with a file outside are replaced, not written into", async () => {
    await link(join(outside, "secret.txt"), join(root, "hard.txt"));
    await open().writeAtomic("hard.txt", Buffer.from("x"));
    expect(await readFile(join(outside, "secret.txt"), "utf8")).toBe("OUTSIDE\n");
  });

  test("of git itself are never written, under any spelling", async () => {
    await mkdir(join(root, ".git/hooks"), { recursive: true });
    for (const path of [".git/hooks/pre-commit", ".GIT/x", "sub/.git/config2", "git~1/x", ".git", ".g\u200dit/x"]) {
      expect(await code(open().writeAtomic(path, Buffer.from("x")))).toBe("path_protected");
      expect(await code(open().remove(path))).toBe("path_protected");
    }
    expect(await readdir(join(root, ".git/hooks"))).toEqual([]);
  });

  test("are removed, folders are not", async () => {
    await open().remove("src/client.ts", { expected: Buffer.from("client\n") });
    expect(await readdir(join(root, "src"))).toEqual(["lib"]);
    expect(await code(open().remove("src"))).toBe("path_is_directory");
    expect(await code(open().remove("."))).toBe("path_is_directory");
    expect(await code(open().remove("src/client.ts"))).toBe("path_not_found");
  });

  test("start a change from what is there, or from nothing", async () => {
    expect(await open().readForChange("src/client.ts", limits)).toMatchObject({
      path: "src/client.ts",
      bytes: Buffer.from("client\n"),
    });
    expect(await open().readForChange("a/new.ts", limits)).toEqual({ path: "a/new.ts", bytes: null, mode: 0 });
    expect(await code(open().readForChange("src", limits))).toBe("path_is_directory");
    expect(await code(open().readForChange("../x", limits))).toBe("path_outside_workspace");
  });

  test("may have names of any language", async () => {
    const name = "données/日本語 🎼 'quoted' \"x\" $HOME;.txt";
    await open().writeAtomic(name, Buffer.from("x"));
    expect((await open().read(name, limits)).bytes.toString()).toBe("x");
    expect((await open().list("données")).map((entry) => entry.path)).toEqual([name]);
  });

  test("of a workspace that was deleted, or replaced by something else, are gone with it", async () => {
    const everything = () =>
      Promise.all([
        code(open().read("src/client.ts", limits)),
        code(open().writeAtomic("x", Buffer.from("x"))),
        code(open().list(".")),
      ]);
    const gone = ["workspace_gone", "workspace_gone", "workspace_gone"];
    await rm(root, { recursive: true });
    expect(await everything()).toEqual(gone);
    await expect(lstat(root)).rejects.toThrow("ENOENT");
    await symlink(outside, root);
    expect(await everything()).toEqual(gone);
  });

  test.runIf(process.platform === "linux")("leave no handle open, whatever happens", async () => {
    await symlink(outside, join(root, "away"));
    await open().stat("README.md");
    const before = await handles();
    for (const path of ["src/lib/retry.ts", "away/x", "README.md/x", "none/x", "src", ".env", "src/lib/none"]) {
      await open()
        .read(path, limits)
        .catch(() => null);
      await open()
        .writeAtomic(path, Buffer.from("x"))
        .catch(() => null);
      await open()
        .list(path)
        .catch(() => null);
      await open()
        .remove(path)
        .catch(() => null);
    }
    expect(await handles()).toBe(before);
  });
});
