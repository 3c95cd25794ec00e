import { expect, it } from "vitest";
import { Random } from "./random.ts";

it("the same seed and names draw the same numbers, others draw others", () => {
  const drawn = (...names: readonly (string | number)[]): readonly number[] => {
    const random = Random.of(7, ...names);
    return Array.from({ length: 8 }, () => random.between(0, 1000));
  };
  expect(drawn("a", 1)).toEqual(drawn("a", 1));
  expect(drawn("a", 1)).not.toEqual(drawn("a", 2));
});

it("numbers reach both ends and not beyond", () => {
  const random = new Random(3);
  const drawn = new Set(Array.from({ length: 200 }, () => random.between(2, 4)));
  expect(drawn).toEqual(new Set([2, 3, 4]));
});

it("what is shuffled is all there", () => {
  expect(new Set(new Random(5).shuffled([1, 2, 3, 4, 5]))).toEqual(new Set([1, 2, 3, 4, 5]));
});
