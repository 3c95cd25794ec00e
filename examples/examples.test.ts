import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { programOf } from "@orquestra/core/testing";
import { expect, it } from "vitest";

const here = import.meta.dirname;
const stories = readdirSync(here, { recursive: true, encoding: "utf8" }).filter((file) => /^[^/]+\/main\.ts$/.test(file));

it("finds the stories", () => {
  expect(stories.length).toBeGreaterThanOrEqual(6);
});

it.each(stories)("%s tells what is so", async (story) => {
  const { execArgv, file } = programOf(new URL(story, import.meta.url));
  const child = spawn(process.execPath, [...execArgv, file], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 50_000,
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => said.push(text.toString()));
  const code = await new Promise((resolve) => child.once("close", resolve));
  expect(code, said.join("")).toBe(0);
});
