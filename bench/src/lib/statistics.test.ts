import { expect, it } from "vitest";
import { geometricMean, median, percentile, rounded } from "./statistics.ts";

it("the median is the middle value, or the mean of the two in the middle", () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 9, 2])).toBe(3);
  expect(median([])).toBeNaN();
});

it("a percentile is a value that was measured", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(percentile(hundred, 0.99)).toBe(100);
  expect(percentile([7], 0.99)).toBe(7);
});

it("the geometric mean weighs ratios alike", () => {
  expect(geometricMean([0.5, 2])).toBeCloseTo(1);
});

it("four digits are kept", () => {
  expect(rounded(1234.567)).toBe(1235);
  expect(rounded(0.00012349)).toBe(0.0001235);
});
