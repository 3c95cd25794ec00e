import { expect, it } from "vitest";
import { figureLine } from "./figure.ts";
import { printTable } from "./table.ts";

it("a figure is one line of JSON with the members of the contract, in its order and with rounded numbers", () => {
  const line = figureLine({
    bench: "overhead",
    figure: 0.123456,
    unit: "ms CPU/run",
    target: 0.6,
    baseline: 0.05,
    ratio: 2.46912,
    parts: { at500: { cpuMs: 1.000049 } },
  });
  expect(line).toBe(
    '{"bench":"overhead","figure":0.1235,"unit":"ms CPU/run","target":0.6,"baseline":0.05,"ratio":2.469,"parts":{"at500":{"cpuMs":1}}}',
  );
});

it("a table has its words to the left, its numbers to the right, and a dash where nothing was measured", () => {
  const rows = [
    ["ours", 1.234],
    ["a longer name", 1234],
    ["absent", Number.NaN],
  ];
  expect(printTable({ title: "T", columns: ["peer", "ms"], rows })).toBe(
    ["", "T", "peer             ms", "ours           1.23", "a longer name  1234", "absent            –"].join("\n"),
  );
});
