import * as fc from "fast-check";
import { expect, test } from "vitest";
import { BoundedOutput } from "./bounded-output.ts";

function outputOf(chunks: readonly (string | Buffer)[]): BoundedOutput {
  const output = new BoundedOutput();
  for (const chunk of chunks) output.add(Buffer.from(chunk));
  return output;
}

test("output up to 40 KB is kept exactly, however it comes in pieces", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), fc.array(fc.nat(50), { minLength: 1 }), (part, sizes) => {
      const bytes = Buffer.from(part.repeat(50).replaceAll(/\p{Cs}/gu, "")).subarray(0, 40 * 1024);
      const output = new BoundedOutput();
      for (let at = 0, index = 0; at < bytes.length; index += 1) {
        const size = (sizes[index % sizes.length] ?? 0) + 1;
        output.add(bytes.subarray(at, at + size));
        at += size;
      }
      expect(output.text()).toBe(bytes.toString("utf8"));
      expect(output.truncated).toBe(false);
    }),
    { numRuns: 50 },
  );
});

test("of more, the beginning and the end stay, and what is missing is counted", () => {
  const output = outputOf(["first\n", ...Array.from({ length: 3000 }, () => `${"x".repeat(99)}\n`), "last\n"]);
  expect(output.truncated).toBe(true);
  expect(output.text()).toMatch(/^first\n/);
  expect(output.text()).toMatch(/last\n$/);
  const leftOut = 6 + 300_000 + 5 - 40 * 1024;
  expect(output.text()).toContain(`\n… ${leftOut} bytes left out …\n`);
  expect(output.text().length).toBeLessThan(41 * 1024);
});

test("no character is cut in two", () => {
  expect(outputOf(["x", "🎼".repeat(30_000)]).text()).not.toContain("\ufffd");
});
