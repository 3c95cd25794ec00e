import { messageOf } from "../lib/error.ts";
import { type LanguageModel, ModelError } from "./language-model.ts";

/** What an adapter threw, which the port forbids: failures are parts. */
export function brokenAdapter({ id }: Pick<LanguageModel, "id">, cause: unknown): ModelError {
  return new ModelError("network", `The adapter of ${id} broke: ${messageOf(cause)}`, { cause });
}
