import type { Json } from "@orquestra/protocol";
import type { RecordedRequest } from "@orquestra/core/testing";

/** A request of any of the three wires, as far as a scripted model reads it. */
export interface Conversation {
  /** All text that is not the model's own. */
  readonly text: string;
  /** Characters of the whole prompt. */
  readonly length: number;
}

export function readConversation({ body }: RecordedRequest): Conversation {
  const items = [body["messages"], body["input"]].flatMap((list) => listOf(list ?? null));
  const texts = items.filter((item) => !isOwn(item)).flatMap(textsOf);
  return {
    text: texts.join("\n"),
    length: textsOf({ ...body, model: "" }).join("").length,
  };
}

/** The result of a todo as prompts show it. */
export function resultIn({ text }: Conversation, id: string): { readonly status: string; readonly text: string } | null {
  const found = new RegExp(String.raw`<(result[-\d]*) id="${id}"[^>]*status="(\w+)"[^>]*>\n([\s\S]*?)\n</\1>`).exec(text);
  return found === null ? null : { status: found[2] ?? "", text: found[3] ?? "" };
}

function isOwn(item: Json): boolean {
  if (typeof item !== "object" || item === null) return false;
  return ("role" in item && item["role"] === "assistant") || ("type" in item && item["type"] === "function_call");
}

function listOf(value: Json): readonly Json[] {
  return Array.isArray(value) ? value.map((item: Json) => item) : [];
}

function textsOf(value: Json): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap((inner: Json) => textsOf(inner)) : [];
}
