import { mkdir, open, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { fileReadTool } from "./file-read.ts";
import { recordedCall, runTool, temporaryFolder } from "./recorded-call.fixture.ts";

async function file(content: string | Buffer, name = "a.txt"): Promise<string> {
  const root = await temporaryFolder(onTestFinished);
  await writeFile(join(root, name), content);
  return root;
}

const read = (root: string, args: object) => runTool(fileReadTool, { path: "a.txt", ...args }, recordedCall(root));

describe("file_read", () => {
  test("reads a whole file exactly", async () => {
    for (const text of ["one\ntwo\n", "one\r\ntwo", "\ufeffwith a mark\n", "naïve 🎼\n"]) {
      expect(await read(await file(text), {})).toMatchObject({ path: "a.txt", text, offset: 1, truncated: false });
    }
    expect(await read(await file(""), {})).toEqual({ path: "a.txt", text: "", lines: 0, offset: 1, truncated: false });
  });

  test.each([
    [{ offset: 1, limit: 1 }, "1\n", 1, true],
    [{ offset: 2, limit: 2 }, "2\n3\n", 2, true],
    [{ offset: 4 }, "4\n5", 2, false],
    [{ offset: 5, limit: 1 }, "5", 1, false],
    [{ limit: 5 }, "1\n2\n3\n4\n5", 5, false],
  ])("reads a range of lines: %j", async (range, text, lines, truncated) => {
    expect(await read(await file("1\n2\n3\n4\n5"), range)).toMatchObject({ text, lines, truncated });
  });

  test("says how long the file is when asked for what lies behind its end", async () => {
    await expect(read(await file("1\n2\n"), { offset: 3 })).rejects.toMatchObject({
      code: "past_end",
      message: "a.txt ends before that: it has 2 lines.",
    });
    await expect(read(await file("1\n2"), { offset: 9 })).rejects.toMatchObject({
      message: expect.stringContaining("2 lines") as unknown,
    });
    await expect(read(await file(""), { offset: 2 })).rejects.toMatchObject({
      message: expect.stringContaining("0 lines") as unknown,
    });
  });

  test("stops at 2,000 lines or 200 KB of whole lines, and says so", async () => {
    expect(await read(await file("x\n".repeat(2001)), {})).toMatchObject({ lines: 2000, truncated: true });
    expect(await read(await file("x\n".repeat(2000)), {})).toMatchObject({ lines: 2000, truncated: false });
    const wide = `${"é".repeat(499)}\n`;
    const result = await read(await file(wide.repeat(400)), {});
    expect(result).toMatchObject({ lines: 205, text: wide.repeat(205), truncated: true });
  });

  test("cuts a single endless line between two characters", async () => {
    const result = await read(await file(`x${"🎼".repeat(100_000)}`), {});
    expect(result).toMatchObject({ lines: 1, truncated: true, text: `x${"🎼".repeat(51_199)}` });
  });

  test("reads from the end of 50 MB without holding them in memory", async () => {
    const root = await temporaryFolder(onTestFinished);
    const handle = await open(join(root, "a.txt"), "w");
    const block = Buffer.from(`${"0123456789".repeat(10)}\n`.repeat(10_000));
    for (let count = 0; count < 50; count += 1) await handle.write(block);
    await handle.write("the end\n");
    await handle.close();
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().arrayBuffers - before)), 1);
    expect(await read(root, { offset: 500_001 })).toMatchObject({ text: "the end\n", lines: 1, truncated: false });
    clearInterval(watch);
    expect(most).toBeLessThan(4 * 1024 * 1024);
    expect(await read(root, {})).toMatchObject({ lines: 2000, truncated: true });
  });

  test.each([
    ["a NUL", Buffer.from("text\0more")],
    ["bytes that are no UTF-8", Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x0a])],
    ["half a character at the end", Buffer.from([0x61, 0xc3])],
    ["UTF-16", Buffer.from("\ufefftext", "utf16le")],
    ["bad bytes far behind its head", Buffer.concat([Buffer.from("x\n".repeat(10_000)), Buffer.from([0xff, 0x0a])])],
  ])("refuses a file with %s", async (_, content) => {
    await expect(read(await file(content), { limit: 2000, offset: content.length > 10_000 ? 9000 : 1 })).rejects.toMatchObject({
      code: "file_binary",
    });
  });

  test("does not take a character cut by the end of its look at the head for a binary", async () => {
    expect(await read(await file(`x${"é".repeat(8000)}`), {})).toMatchObject({ truncated: false });
  });

  test.each([
    [{ path: "b.txt" }, "path_not_found"],
    [{ path: "folder" }, "path_is_directory"],
    [{ path: "../a.txt" }, "path_outside_workspace"],
    [{ path: "/etc/passwd" }, "path_outside_workspace"],
    [{ path: "away" }, "path_outside_workspace"],
    [{ path: ".env" }, "secret_path"],
    [{ path: "a\0.txt" }, "path_invalid"],
    [{ path: "" }, "path_invalid"],
  ])("refuses %j with %s", async (args, code) => {
    const root = await file("x");
    await mkdir(join(root, "folder"));
    await symlink("/etc/passwd", join(root, "away"));
    await expect(read(root, args)).rejects.toMatchObject({ name: "ToolError", code });
  });

  test("names the file that was probably meant", async () => {
    await expect(read(await file("x", "client.ts"), { path: "src/clients.ts" })).rejects.toThrow("Did you mean client.ts?");
  });

  test("is stopped by its signal", async () => {
    const call = recordedCall(await file("x\n".repeat(10)), { signal: AbortSignal.abort() });
    await expect(runTool(fileReadTool, { path: "a.txt", offset: 5 }, call)).rejects.toMatchObject({ code: "aborted" });
  });

  test("knows what it touches and has a title", () => {
    expect(fileReadTool.touches?.({ path: "./a.txt" })).toEqual({ reads: ["a.txt"], writes: [] });
    expect(fileReadTool.title?.({ path: "src/a.ts" })).toBe("Read src/a.ts");
    expect(fileReadTool.title?.({ path: { $ref: "t1#/matches/*/path" } })).toBe("Read what t1 found");
  });
});
