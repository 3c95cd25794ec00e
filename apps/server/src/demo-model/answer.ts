import { z } from "zod";
import type { ResultBlock } from "./results.ts";

const offer =
  "I am a demo, not an AI: I can list, find, read and replace. Set up a model (a key of OpenAI or Anthropic, or a local server " +
  "such as Ollama) and ask the same again.";

const entry = z.object({ path: z.string(), kind: z.enum(["file", "folder"]) });
const match = z.object({ path: z.string(), line: z.number(), text: z.string() });
const shown = 20;

export const greeting = `Demo model, no AI: I did not understand that. Try “list the files”, “find TODO”, “read README.md” or “replace "a" with "b" in notes.md”.

${offer}`;

/** An answer made of the results alone: what is not in them is not said. */
export function answerFrom(results: readonly ResultBlock[]): string {
  return `Demo model, no AI: ${toTell(results).map(sayResult).join("\n\n")}\n\n${offer}`;
}

/** What was read only to change it is not what was asked for. */
function toTell(results: readonly ResultBlock[]): readonly ResultBlock[] {
  const changes = results.filter(({ tool }) => tool === "file_edit");
  return changes.length > 0 ? changes : results;
}

function sayResult({ tool, status, text }: ResultBlock): string {
  if (status !== "completed") return `${tool} ${status === "failed" ? "failed" : `was ${status}`}: ${firstLines(text, 3)}`;
  if (tool === "list_files") return sayList(objectsIn(text, entry));
  if (tool === "code_search") return sayMatches(objectsIn(text, match));
  if (tool === "file_read") return sayFile(text);
  if (tool === "file_edit") return sayEdit(text);
  return `${tool} is done.\n\n${fenced(firstLines(text, shown))}`;
}

function sayList(entries: readonly z.infer<typeof entry>[]): string {
  if (entries.length === 0) return "there are no files here.";
  const lines = entries.slice(0, shown).map(({ path, kind }) => `- \`${path}${kind === "folder" ? "/" : ""}\``);
  return `there are ${counted(entries.length, "entry", "entries")} here.\n\n${lines.join("\n")}${more(entries.length)}`;
}

function sayMatches(matches: readonly z.infer<typeof match>[]): string {
  if (matches.length === 0) return "nothing matches.";
  const files = new Set(matches.map(({ path }) => path)).size;
  const lines = matches.slice(0, shown).map(({ path, line, text }) => `- \`${path}:${line}\` ${inline(text)}`);
  const head = `${counted(matches.length, "line", "lines")} in ${counted(files, "file", "files")} match.`;
  return `${head}\n\n${lines.join("\n")}${more(matches.length)}`;
}

function sayFile(text: string): string {
  const [, path] = /^path: "(.*)"$/m.exec(text) ?? [];
  const [, count] = /^lines: (\d+)$/m.exec(text) ?? [];
  const body = /^text:\n([\s\S]*?)\nlines: \d+$/m.exec(text)?.[1] ?? "";
  return `\`${path ?? "the file"}\` has ${counted(Number(count ?? 0), "line", "lines")}. It begins:\n\n${fenced(firstLines(body, shown))}`;
}

function sayEdit(text: string): string {
  const [, path] = /^path: "(.*)"$/m.exec(text) ?? [];
  const diff = /^diff:\n([\s\S]*)$/m.exec(text)?.[1] ?? "";
  return `\`${path ?? "the file"}\` is changed. You can undo it.\n\n${fenced(firstLines(diff, shown))}`;
}

/** Results show lists one JSON object a line; lines that are something else are passed over. */
function objectsIn<T>(text: string, schema: z.ZodType<T>): readonly T[] {
  return text.split("\n").flatMap((line) => {
    if (!line.startsWith("{")) return [];
    try {
      const parsed = schema.safeParse(JSON.parse(line));
      return parsed.success ? [parsed.data] : [];
    } catch {
      return [];
    }
  });
}

function more(count: number): string {
  return count > shown ? `\n- … and ${count - shown} more` : "";
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function firstLines(text: string, count: number): string {
  return text.split("\n").slice(0, count).join("\n");
}

function inline(text: string): string {
  return `\`${text.trim().slice(0, 120).replaceAll("`", "'")}\``;
}

/** A fence that its content cannot close. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}
