import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { programOf } from "@orquestra/core/testing";

const crash = programOf(new URL("crash.ts", import.meta.url));

it.each([
  ["an error that nobody caught", "setTimeout(() => { throw failure; });"],
  ["a promise that nobody waited for", "Promise.reject(failure);"],
])("%s ends the process, and what is written about it holds no secret", (_, how) => {
  const program = `
    const { Redactor, SecretValue } = await import("@orquestra/core");
    const { crashWithout } = await import(${JSON.stringify(crash.file)});
    crashWithout(new Redactor({ secrets: [new SecretValue("SHOP_KEY", "made-up-key-0123")] }));
    const failure = Object.assign(new Error("not with made-up-key-0123", { cause: new Error("made-up-key-0123") }), { key: "made-up-key-0123" });
    ${how}
    setTimeout(() => console.log("went on"), 1000);
  `;
  const args = [...crash.execArgv, "--input-type=module", "-e", program];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", cwd: import.meta.dirname });
  expect(stderr).toContain("not with [secret SHOP_KEY]");
  expect(stdout + stderr).not.toContain("made-up");
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
});
