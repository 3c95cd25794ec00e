import { describe, expect, it } from "vitest";
import { previewOf, textOf } from "./preview.ts";

describe("the preview of a result", () => {
  it("is the result itself while that is short", () => {
    const value = { lines: ["a", "b"] };
    expect(previewOf(value)).toEqual({ preview: value, whole: true });
  });

  it("is bounded, says how much it leaves out, and begins and ends as the result does", () => {
    for (const value of [
      "x".repeat(9_000),
      { text: "\n".repeat(2_000_000) },
      Array.from({ length: 50_000 }, (_, index) => index),
    ]) {
      const { preview, whole } = previewOf(value);
      expect(whole).toBe(false);
      expect(JSON.stringify(preview).length).toBeLessThan(9_000);
      const [, head = "", left = "", tail = ""] =
        /^([^]{3072})\n\[… (\d+) characters left out …\]\n([^]{1024})$/.exec(typeof preview === "string" ? preview : "") ?? [];
      const text = textOf(value);
      expect(text.startsWith(head) && text.endsWith(tail)).toBe(true);
      expect(head.length + Number(left) + tail.length).toBe(text.length);
    }
  });
});
