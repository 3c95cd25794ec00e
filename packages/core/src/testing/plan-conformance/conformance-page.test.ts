import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { printMatrix } from "./matrix.ts";

const page = readFileSync(fileURLToPath(new URL("../../../../../docs/conformance.md", import.meta.url)), "utf8");

it("the matrix on the page has the scenarios, formats and wires that are tested, and nothing else", () => {
  expect(page.split("\n").filter((line) => line.startsWith("|"))).toEqual(printMatrix(() => true).split("\n"));
});
