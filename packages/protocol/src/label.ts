import { z } from "zod";

/** Who could have written a value, most trusted first. */
export const integrityLevels = ["user", "system", "workspace", "outside"] as const;
export const integritySchema = z.enum(integrityLevels);
export type Integrity = z.infer<typeof integritySchema>;

/** Who may read a value: anybody, the named readers, or nobody outside the process (`secret`). */
export const confidentialitySchema = z.union([z.literal("public"), z.literal("secret"), z.array(z.string()).readonly()]);
export type Confidentiality = z.infer<typeof confidentialitySchema>;

export const labelSchema = z.object({ integrity: integritySchema, confidentiality: confidentialitySchema }).readonly();
export type Label = z.infer<typeof labelSchema>;

/** The label of nothing: joining it to any label gives that label. */
export const userLabel: Label = { integrity: "user", confidentiality: "public" };

export function isAtLeast(integrity: Integrity, floor: Integrity): boolean {
  return integrityLevels.indexOf(integrity) <= integrityLevels.indexOf(floor);
}

/** The label of a value made from both: the lower integrity, the fewer readers. Associative, commutative, idempotent. */
export function joinLabels(a: Label, b: Label): Label {
  if (a === b && isNormal(a.confidentiality)) return a;
  const integrity = isAtLeast(a.integrity, b.integrity) ? b.integrity : a.integrity;
  return { integrity, confidentiality: joinReaders(a.confidentiality, b.confidentiality) };
}

export function joinAll(labels: Iterable<Label>): Label {
  let joined = userLabel;
  for (const label of labels) joined = joinLabels(joined, label);
  return joined;
}

function joinReaders(a: Confidentiality, b: Confidentiality): Confidentiality {
  if (a === "secret" || b === "secret") return "secret";
  if (a === "public") return normalise(b);
  if (b === "public") return normalise(a);
  return normalise(a.filter((reader) => b.includes(reader)));
}

/** In order and without repetition, as far as one look can tell. */
function isNormal(value: Confidentiality): boolean {
  return typeof value === "string" || value.length < 2;
}

function normalise(value: Confidentiality): Confidentiality {
  return isNormal(value) ? value : [...new Set(value)].toSorted();
}
