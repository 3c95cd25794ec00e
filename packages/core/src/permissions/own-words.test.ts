import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OwnWords } from "./own-words.ts";

function has(text: string, value: string | number): boolean {
  return new OwnWords([text]).has(value);
}

describe("what a person typed", () => {
  test.each<[string, string | number]>([
    ["Send it to bob@example.org, please.", "bob@example.org"],
    ["Send it to <bob@example.org>.", "bob@example.org"],
    ["Refund GB29NWBK60161331926819 (my friend)", "GB29NWBK60161331926819"],
    ["Write it to `notes/2026 plan.md`", "notes/2026 plan.md"],
    ['Call it "Car Rental" then', "Car Rental"],
    ["Call it 'Car Rental' then", "Car Rental"],
    ["Pay 1200 to the landlord", 1200],
    ["see ./src/a.ts", "./src/a.ts"],
    ["look at .gitignore", ".gitignore"],
    ["read https://example.org/a?b=c!", "https://example.org/a?b=c"],
  ])("%j: %j is theirs", (text, value) => {
    expect(has(text, value)).toBe(true);
  });

  test.each<[string, string | number]>([
    ["Send it to bob@example.org", "bob@example.org.evil.test"],
    ["Send it to bob@example.org", "evil+bob@example.org"],
    ["Send it to bob@example.org", "example.org"],
    ["Send it to Bob", "bob"],
    ["Read src/a.ts", "a.ts"],
    ["Read src/a.ts", "src"],
    ["don't do it, that's mine", "t do it, that"],
    ["pay 12", 1],
    ["pay 12", 12],
    ["a b", "a b"],
    ["", ""],
  ])("%j: %j is not", (text, value) => {
    expect(has(text, value)).toBe(false);
  });

  test("is never what merely contains it, whatever stands around it", () => {
    const piece = fc.stringMatching(/^[a-z0-9@./_-]{1,12}$/);
    fc.assert(
      fc.property(piece, piece, (own, added) => {
        const word = `x${own}x`;
        expect(has(`use ${word} now`, `${word}${added}`)).toBe(false);
        expect(has(`use ${word} now`, `${added}${word}`)).toBe(false);
      }),
    );
  });
});
