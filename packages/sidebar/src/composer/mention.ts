/** An unfinished `@name` in front of the caret. */
export interface Mention {
  /** Index of the `@`. */
  readonly start: number;
  readonly query: string;
}

/** The mention being typed, if the caret stands in one: `@` at the start or after a space or bracket, then no space. */
export function mentionAt(text: string, caret: number): Mention | null {
  const found = /(?:^|[\s([{])@([^\s@]*)$/.exec(text.slice(0, caret));
  if (found === null) return null;
  const query = found[1] ?? "";
  return { start: caret - query.length - 1, query };
}

export interface Edited {
  readonly text: string;
  readonly caret: number;
}

/** The text with the mention replaced by the path and a space behind it. */
export function completeMention(text: string, mention: Mention, path: string): Edited {
  const end = mention.start + 1 + mention.query.length;
  const after = text.slice(end).replace(/^ /, "");
  const head = `${text.slice(0, mention.start)}@${path} `;
  return { text: head + after, caret: head.length };
}

export interface Run {
  readonly text: string;
  readonly matched: boolean;
}

/** The path cut into runs, the letters of the query marked: its last whole occurrence, else the letters in order. */
export function matchRuns(path: string, query: string): readonly Run[] {
  if (query === "") return [{ text: path, matched: false }];
  const at = path.toLowerCase().lastIndexOf(query.toLowerCase());
  const marks = at >= 0 ? Array.from({ length: query.length }, (_, index) => at + index) : inOrder(path, query);
  const marked = new Set(marks);
  const runs: { text: string; matched: boolean }[] = [];
  for (let index = 0; index < path.length; index += 1) {
    const matched = marked.has(index);
    const last = runs.at(-1);
    if (last !== undefined && last.matched === matched) last.text += path[index];
    else runs.push({ text: path[index] ?? "", matched });
  }
  return runs;
}

/** Places of the query's letters, found from the end, where file names are. Empty when they do not all occur. */
function inOrder(path: string, query: string): readonly number[] {
  const places: number[] = [];
  let from = path.length;
  for (const letter of query.toLowerCase().split("").toReversed()) {
    from = from === 0 ? -1 : path.toLowerCase().lastIndexOf(letter, from - 1);
    if (from < 0) return [];
    places.push(from);
  }
  return places;
}
