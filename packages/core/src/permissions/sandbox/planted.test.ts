import { lstat, readFile, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { openWorkspaceFiles } from "../../tools/index.ts";
import { endOrdinaryServer, programs, sceneOf, servers } from "./sandbox.fixture.ts";

afterAll(endOrdinaryServer);

if (programs === null) console.warn("SKIPPED, what commands plant. bubblewrap was not found: install the package bubblewrap.");

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

const newPlaces = [
  ".vscode/tasks.json",
  ".envrc",
  ".mcp.json",
  ".github/workflows/ci.yml",
  "deep/er/.git/hooks/pre-commit",
  ".VSCode/tasks.json",
  "sub/.GIT/config",
  "AGENTS/.cursor/rules",
];

describe.skipIf(programs === null).each(servers)("a command of a server that runs as %s", (server) => {
  test("changes nothing that decides what runs later", async () => {
    const { root, run } = await sceneOf(server);
    const { stdout, notes } = await run(`
      echo x > .git/hooks/pre-commit && echo BREACH; echo x > .git/config && echo BREACH; echo x >> .git/HEAD && echo BREACH
      mv .git .gone && echo BREACH; rm -rf .git && echo BREACH; ln -sf /tmp .git && echo BREACH
      echo x > sub/.vscode/tasks.json && echo BREACH; chmod 777 .git && echo BREACH; true`);
    expect(stdout).toBe("");
    expect(notes).toBeUndefined();
    expect(await readFile(join(root, ".git/HEAD"), "utf8")).toBe("ref: refs/heads/main");
    expect(await readFile(join(root, ".git/config"), "utf8")).toContain("made-up-secret");
  });

  test("is told why git refuses", async () => {
    const { run } = await sceneOf(server);
    const { exitCode, notes } = await run("git init -q . && touch .git/index.lock");
    expect(exitCode).not.toBe(0);
    expect(notes).toEqual([expect.stringContaining('access: "machine"')]);
  });

  test("keeps nothing new in a protected place, and all else", async () => {
    const { root, data, run } = await sceneOf(server);
    const script = `while read -r path; do mkdir -p "$(dirname "$path")"; echo "planted $path" > "$path"; done`;
    const { notes } = await run(`${script} <<'END'\n${newPlaces.join("\n")}\nEND\necho fine > fine`);
    for (const path of newPlaces) expect(await exists(join(root, path)), path).toBe(false);
    expect(await readFile(join(root, "fine"), "utf8")).toBe("fine\n");
    expect(notes).toEqual([expect.stringContaining("Not kept: ")]);
    if (data === null) return;
    const [run1 = ""] = await readdir(join(data, "quarantine"));
    for (const path of newPlaces) expect(await readFile(join(data, "quarantine", run1, path), "utf8")).toBe(`planted ${path}\n`);
  });

  test("cannot put its own in the place of settings that stand in a folder it moves away", async () => {
    const { root, run } = await sceneOf(server);
    const { notes } = await run("mv sub away; mkdir -p sub/.vscode; echo planted > sub/.vscode/tasks.json");
    expect(notes).toEqual([expect.stringContaining("sub/.vscode")]);
    expect(await exists(join(root, "sub/.vscode"))).toBe(false);
  });

  test("makes no repository that git would take for one without its name", async () => {
    const { root, run } = await sceneOf(server);
    const { stdout, notes } = await run(`
      mkdir -p one/objects one/refs two && cd one && echo 'ref: refs/heads/main' > HEAD
      printf '[core]\nbare = false\nworktree = w\nfsmonitor = echo planted >&2' > config; cd ../two; cp ../one/HEAD .; echo ../one > commondir`);
    expect(stdout).toBe("");
    for (const path of ["one/HEAD", "one/config", "two/HEAD", "two/commondir"]) {
      expect(notes).toEqual([expect.stringContaining(path)]);
      expect(await exists(join(root, path)), path).toBe(false);
    }
    expect(await exists(join(root, "one/objects"))).toBe(true);
  });

  test("cannot move a secret to where the next command would find it unguarded", async () => {
    const { run } = await sceneOf(server);
    const { notes } = await run("mkdir node_modules; mv sub node_modules/sub; mv keys venv; mv .docker docker");
    for (const path of ["node_modules/sub/.env.local", "venv/.ssh", "docker/config.json"])
      expect(notes).toEqual([expect.stringContaining(path)]);
    const { stdout } = await run("cat node_modules/sub/.env.local venv/.ssh/id_rsa docker/config.json; ls -d node_modules/sub");
    expect(stdout).toBe("node_modules/sub\n");
  });

  test("cannot turn a link to settings elsewhere", async () => {
    const { root, run } = await sceneOf(server);
    await writeFile(join(root, "rules"), "old");
    await symlink("rules", join(root, ".envrc"));
    const { stdout, notes } = await run(
      "echo x > .envrc && echo BREACH; echo x > rules && echo BREACH; echo new > new; ln -sf new .envrc",
    );
    expect(stdout).toBe("");
    expect(notes).toEqual([expect.stringContaining(".envrc")]);
    expect(await readFile(join(root, "rules"), "utf8")).toBe("old");
    expect(await exists(join(root, ".envrc"))).toBe(false);
  });

  test("also when it is stopped or fails", async () => {
    const { root, run } = await sceneOf(server);
    await expect(run("echo planted > .envrc; sleep 60", { timeoutMs: 1000 })).rejects.toMatchObject({ code: "command_timeout" });
    expect(await exists(join(root, ".envrc"))).toBe(false);
  });

  test("plants no link that the file tools would follow out of the workspace", async () => {
    const { root, outside, run } = await sceneOf(server);
    await run(`ln -s ${outside}/secret.txt file; ln -s ${outside} folder; ln -s .env alias`);
    const files = openWorkspaceFiles(root);
    for (const path of ["file", "folder/secret.txt"])
      await expect(files.read(path, { maxBytes: 1000 })).rejects.toMatchObject({ code: "path_outside_workspace" });
    await expect(files.read("alias", { maxBytes: 1000 })).rejects.toMatchObject({ code: "secret_path" });
    for (const path of ["file", "folder/new"])
      await expect(files.writeAtomic(path, Buffer.from("x"))).rejects.toMatchObject({ code: "path_is_symlink" });
    expect(await readdir(outside)).toEqual(["secret.txt"]);
  });
});
