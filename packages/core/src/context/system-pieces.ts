import { type Label, userLabel } from "@orquestra/protocol";
import { keptFrom } from "./kept-text.ts";
import { type Piece, fixed, tagged } from "./piece.ts";
import type { PromptInput } from "./prompt-input.ts";

/** Text of a folder that the user declared trusted. */
const rulesLabel: Label = { integrity: "workspace", confidentiality: "public" };

export interface SystemPieces {
  /** In the order of the prompt: what changes least comes first, so that providers find their cache again. */
  readonly pieces: readonly Piece[];
  readonly rules: Piece | null;
}

/**
 * The stable prefix. Instructions and the environment note are the product's own words, as signatures mostly are: they carry the
 * label of nothing, so that a first turn is under the control of the user alone.
 */
export function systemPieces(input: PromptInput): SystemPieces {
  const rules = rulesPiece(input.rulesFile);
  const pieces = [
    ...own("instructions", input.instructions),
    ...(input.tools === "" ? [] : [fixed("tools", "system", { label: input.toolsLabel, text: input.tools })]),
    ...(rules === null ? [] : [rules]),
    ...preferencesPiece(input.preferences),
    ...own("environment", input.environment),
  ];
  return { pieces, rules };
}

function own(kind: "instructions" | "environment", text: string): readonly Piece[] {
  return text === "" ? [] : [fixed(kind, "system", { label: userLabel, text })];
}

function rulesPiece(file: PromptInput["rulesFile"]): Piece | null {
  if (file === null) return null;
  const text = `Rules of this project:\n${tagged("rules", { path: file.path }, file.text)}`;
  return fixed("rules", "system", { label: rulesLabel, text });
}

function preferencesPiece(preferences: PromptInput["preferences"]): readonly Piece[] {
  if (preferences.length === 0) return [];
  const sorted = preferences.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const text = [
    "What the user wants you to keep in mind, always:",
    ...sorted.map(({ key, text: want }) => `- ${key}: ${want}`),
  ].join("\n");
  const labels = preferences.map(({ label }) => label);
  return [fixed("preferences", "system", keptFrom(text, labels))];
}
