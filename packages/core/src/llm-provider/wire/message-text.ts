import type { ModelMessage } from "../language-model.ts";

/** A tool's result for vendors whose protocol cannot say that a call failed. */
export function resultText(message: Extract<ModelMessage, { readonly role: "tool" }>): string {
  return message.failed ? `Failed: ${message.text}` : message.text;
}
