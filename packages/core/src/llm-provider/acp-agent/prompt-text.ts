import type { ModelMessage, ModelRequest, UserContent } from "../language-model.ts";
import { resultText } from "../wire/message-text.ts";

const asModel =
  "You are used as a language model here. Your own tools (files, search, shell, web, plans, questions) are switched off and " +
  "your folder is empty: do not try them. All there is to know is below; answer with text, as the instructions say.";

/**
 * A whole request as one text, as agents take nothing else. Always all of it: what an agent may remember is not relied upon.
 * A line that opens a section cannot occur within one, so no text can pass for another's.
 */
export function promptText(request: ModelRequest): string {
  const sections = [
    { title: "instructions", text: request.system === "" ? asModel : `${asModel}\n\n${request.system}` },
    ...request.messages.map(sectionOf),
  ];
  const mark = markFor(sections.map(({ text }) => text));
  const parts = sections.map(({ title, text }) => `${mark} ${title} ${mark}\n${text}`);
  return `${parts.join("\n\n")}\n\n${mark} assistant ${mark}\n`;
}

interface Section {
  readonly title: string;
  readonly text: string;
}

function sectionOf(message: ModelMessage): Section {
  if (message.role === "user") return { title: "user", text: message.content.map(contentText).join("\n") };
  if (message.role === "tool") return { title: `result of ${message.name} (${message.callId})`, text: resultText(message) };
  const calls = (message.calls ?? []).map(({ id, name, argumentsText }) => `called ${name} (${id}) with ${argumentsText}`);
  return { title: "assistant", text: [message.text, ...calls].filter((text) => text !== "").join("\n") };
}

function contentText(content: UserContent): string {
  return content.type === "text" ? content.text : `(an image, ${content.mediaType}, that cannot be shown here)`;
}

/** One longer than any run of the same sign at the start of a line. */
function markFor(texts: readonly string[]): string {
  const runs = texts.flatMap((text) => text.match(/^=+/gm) ?? []);
  return "=".repeat(runs.reduce((longest, run) => Math.max(longest, run.length + 1), 4));
}
