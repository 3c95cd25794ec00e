import type { ModelMessage } from "@orquestra/core";

/** A block of the prompt that holds what became of a todo: `<result id tool title status from>` … `</result>`. */
export interface ResultBlock {
  readonly tool: string;
  readonly status: string;
  readonly text: string;
}

const block = /^<(result(?:-\d+)?) id="[^"\n]*" tool="([^"\n]*)"(?:[^\n]*?) status="([^"\n]*)"[^\n]*>\n([\s\S]*?)\n<\/\1>$/gm;

/** The results that stand behind the model's last plan; none when the user spoke last. */
export function resultsOf(messages: readonly ModelMessage[]): readonly ResultBlock[] {
  const [before, last] = messages.slice(-2);
  if (before?.role !== "assistant" || !before.text.includes("```plan") || last === undefined) return [];
  return [...textOf(last).matchAll(block)].map(([, , tool, status, text]) => ({
    tool: tool ?? "",
    status: status ?? "",
    text: text ?? "",
  }));
}

/** What the user wrote last, without the files that were attached. */
export function lastWords(messages: readonly ModelMessage[]): string {
  const last = messages.at(-1);
  if (last?.role !== "user") return "";
  const paragraphs = textOf(last)
    .replace(/^<file [^\n]*>\n[\s\S]*?\n<\/file>$/gm, "")
    .trim()
    .split(/\n{2,}/);
  return paragraphs.at(-1) ?? "";
}

function textOf(message: ModelMessage): string {
  if (message.role !== "user") return message.text;
  return message.content.map((part) => (part.type === "text" ? part.text : "")).join("\n");
}
