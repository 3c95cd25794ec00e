import { recall, remember } from "../lib/storage.ts";

/** What stands in the composer and was not sent. */
export interface Draft {
  readonly text: string;
  readonly files: readonly string[];
}

export const emptyDraft: Draft = { text: "", files: [] };

/** Kept per session in this browser. */
export function loadDraft(sessionId: string): Draft {
  const kept = recall(`draft:${sessionId}`);
  return kept === "" ? emptyDraft : parse(kept);
}

export function saveDraft(sessionId: string, draft: Draft): void {
  remember(`draft:${sessionId}`, draft.text === "" && draft.files.length === 0 ? "" : JSON.stringify(draft));
}

function parse(kept: string): Draft {
  try {
    const value: unknown = JSON.parse(kept);
    if (typeof value !== "object" || value === null || !("text" in value) || !("files" in value)) return emptyDraft;
    const { text, files } = value;
    if (typeof text !== "string" || !Array.isArray(files)) return emptyDraft;
    return { text, files: files.filter((file) => typeof file === "string") };
  } catch {
    return emptyDraft;
  }
}
