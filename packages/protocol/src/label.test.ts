import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Confidentiality,
  type Integrity,
  type Label,
  integrityLevels,
  isAtLeast,
  joinAll,
  joinLabels,
  userLabel,
} from "./label.ts";

const integrity = fc.constantFrom(...integrityLevels);
const confidentiality: fc.Arbitrary<Confidentiality> = fc.oneof(
  fc.constant<Confidentiality>("public"),
  fc.constant<Confidentiality>("secret"),
  fc.array(fc.constantFrom("user:1", "user:2", "team:7"), { maxLength: 4 }),
);
const label: fc.Arbitrary<Label> = fc.record({ integrity, confidentiality });

/** Reader sets are equal when they hold the same names; the join of a label with itself writes it in its one form. */
function normal(value: Label): Label {
  return joinLabels(value, value);
}

function mayRead(reader: string, { confidentiality: readers }: Label): boolean {
  return readers === "public" || (readers !== "secret" && readers.includes(reader));
}

describe("integrity", () => {
  test.each<[Integrity, Integrity, boolean]>([
    ["user", "user", true],
    ["user", "outside", true],
    ["system", "user", false],
    ["system", "system", true],
    ["workspace", "system", false],
    ["workspace", "workspace", true],
    ["outside", "workspace", false],
    ["outside", "outside", true],
  ])("%s is at least %s: %s", (level, floor, expected) => {
    expect(isAtLeast(level, floor)).toBe(expected);
  });
});

describe("the join of labels", () => {
  test("takes the lower integrity and the readers of both", () => {
    const a: Label = { integrity: "user", confidentiality: ["user:2", "user:1"] };
    const b: Label = { integrity: "workspace", confidentiality: ["team:7", "user:1"] };
    expect(joinLabels(a, b)).toEqual({ integrity: "workspace", confidentiality: ["user:1"] });
  });

  test("leaves nobody to read where no reader is common, which is not the same as public", () => {
    const a: Label = { integrity: "user", confidentiality: ["user:1"] };
    const b: Label = { integrity: "user", confidentiality: ["user:2"] };
    expect(joinLabels(a, b).confidentiality).toEqual([]);
  });

  test("stays secret whatever it is joined with", () => {
    fc.assert(
      fc.property(label, (other) => {
        const secret: Label = { integrity: "user", confidentiality: "secret" };
        expect(joinLabels(secret, other).confidentiality).toBe("secret");
      }),
    );
  });

  test("is associative", () => {
    fc.assert(
      fc.property(label, label, label, (a, b, c) => {
        expect(joinLabels(joinLabels(a, b), c)).toEqual(joinLabels(a, joinLabels(b, c)));
      }),
    );
  });

  test("is commutative", () => {
    fc.assert(
      fc.property(label, label, (a, b) => {
        expect(joinLabels(a, b)).toEqual(joinLabels(b, a));
      }),
    );
  });

  test("is idempotent", () => {
    fc.assert(
      fc.property(label, (a) => {
        expect(joinLabels(normal(a), normal(a))).toEqual(normal(a));
      }),
    );
  });

  test("with the label of nothing changes nothing", () => {
    fc.assert(
      fc.property(label, (a) => {
        expect(joinLabels(userLabel, a)).toEqual(normal(a));
      }),
    );
  });

  test("never raises integrity and never adds a reader", () => {
    fc.assert(
      fc.property(label, label, fc.constantFrom("user:1", "user:2", "team:7", "stranger"), (a, b, reader) => {
        const joined = joinLabels(a, b);
        expect(isAtLeast(a.integrity, joined.integrity) && isAtLeast(b.integrity, joined.integrity)).toBe(true);
        expect(mayRead(reader, joined)).toBe(mayRead(reader, a) && mayRead(reader, b));
      }),
    );
  });

  test("of many does not depend on their order", () => {
    const labelsTwice = fc
      .array(label)
      .chain((labels) => fc.tuple(fc.constant(labels), fc.shuffledSubarray(labels, { minLength: labels.length })));
    fc.assert(
      fc.property(labelsTwice, ([labels, shuffled]) => {
        expect(joinAll(shuffled)).toEqual(joinAll(labels));
      }),
    );
  });
});
