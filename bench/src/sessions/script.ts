import { z } from "zod";

/** What the model is to write, as it stands in the user's message. */
export interface Ask {
  /** One for each message. */
  readonly nonce: string;
  /** Tokens of the answer. */
  readonly tokens: number;
  /** The edit to plan first; null: it answers at once. The file holds the number, and the next one takes its place. */
  readonly edit: number | null;
}

const askSchema = z.strictObject({ nonce: z.string(), tokens: z.number(), edit: z.number().nullable() });

export const editedFile = "src/turns.ts";

export function editedText(number: number): string {
  return `export const turns = ${number};\n`;
}

export function prompt(ask: Ask): string {
  return `Go on. [[${JSON.stringify(ask)}]]`;
}

/** Of the last message in a request that holds one: there it is JSON within JSON, and nothing in it needs an escape but quotes. */
export function readAsk(request: string): Ask {
  const start = request.lastIndexOf("[[{");
  const written = request.slice(start + 2, request.indexOf("]]", start));
  return askSchema.parse(JSON.parse(written.replaceAll("\\", "")));
}

/** Searches, edits what it found, and is asked for permission. */
export function planOf(number: number): string {
  const [find, replace] = [number, number + 1].map((value) => JSON.stringify(`turns = ${value};`));
  return `I will look for it first.\n\`\`\`plan\n1. code_search("turns = \\\\d+")\n2. file_edit($1.matches[0].path, find: ${find}, replace: ${replace})\n\`\`\`\n`;
}
