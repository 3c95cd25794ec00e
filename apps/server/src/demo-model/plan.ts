import type { Intent } from "./intent.ts";

type PlannedIntent = Exclude<Intent, { readonly kind: "none" }>;

interface Draft {
  readonly says: string;
  readonly calls: readonly string[];
}

/** The plan for an intent, in the plan language. Its lines are run by the real tools. */
export function planFor(intent: PlannedIntent): string {
  const { says, calls } = draft(intent);
  const lines = calls.map((call, index) => `${index + 1}. ${call}`);
  return `Demo model, no AI. ${says}\n\n\`\`\`plan\n${lines.join("\n")}\n\`\`\`\n`;
}

function draft(intent: PlannedIntent): Draft {
  if (intent.kind === "list") {
    const folder = intent.path === null ? "" : text(intent.path);
    return { says: "I list the files.", calls: [`list_files(${folder})`] };
  }
  if (intent.kind === "find")
    return { says: `I search for “${intent.what}”.`, calls: [`code_search(${text(literal(intent.what))})`] };
  if (intent.kind === "read") {
    return { says: `I read ${intent.paths.join(" and ")}.`, calls: intent.paths.map((path) => `file_read(${text(path)})`) };
  }
  const { path, find, replace } = intent;
  const edit = `file_edit(${text(path)}, ${text(find)}, ${text(replace)}, all: true) after 1`;
  return {
    says: `I read ${path} and propose the change.`,
    calls: [`file_read(${text(path)})`, edit],
  };
}

function text(value: string): string {
  return JSON.stringify(value);
}

/** The search tool takes a regular expression; people type text. */
function literal(value: string): string {
  return value.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
