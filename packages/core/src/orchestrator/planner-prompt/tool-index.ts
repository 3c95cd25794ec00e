/** Characters that the names may take together. */
const room = 1600;

/** Tools by name alone. Names with the same beginning stand together as `mail_{read,send}`, and where there are too many, as a number. */
export function toolIndex(names: readonly string[]): string {
  const groups = [...groupsOf(names)].map(([prefix, rests]) => ({ prefix, count: rests.length, text: groupText(prefix, rests) }));
  const shown = shortened(groups);
  return `More tools, by name only; tool_describe("name", …) tells how they are called before you call one: ${shown}.`;
}

/** By the word in front of the first underscore, where several have it. */
function groupsOf(names: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const prefix = name.slice(0, name.indexOf("_") + 1);
    const group = groups.get(prefix) ?? [];
    group.push(name.slice(prefix.length));
    groups.set(prefix, group);
  }
  return groups;
}

function groupText(prefix: string, rests: readonly string[]): string {
  if (prefix === "") return rests.join(", ");
  return rests.length === 1 ? `${prefix}${rests[0]}` : `${prefix}{${rests.join(",")}}`;
}

interface Group {
  readonly prefix: string;
  readonly count: number;
  readonly text: string;
}

/** The longest groups first become numbers, then what is still too much is counted together. */
function shortened(groups: readonly Group[]): string {
  const texts = groups.map(({ text }) => text);
  let length = texts.join(", ").length;
  const several = groups.map((group, index) => ({ ...group, index })).filter(({ count }) => count > 1);
  const longestFirst = several.toSorted((a, b) => b.text.length - a.text.length);
  for (const { index, prefix, count, text } of longestFirst) {
    if (length <= room) break;
    const short = prefix === "" ? `${count} without a common beginning` : `${prefix}… (${count})`;
    texts[index] = short;
    length += short.length - text.length;
  }
  return length <= room ? texts.join(", ") : beginningOf(texts, groups);
}

function beginningOf(texts: readonly string[], groups: readonly Group[]): string {
  const shown: string[] = [];
  let length = 0;
  for (const text of texts) {
    if (length + text.length > room) break;
    length += text.length + 2;
    shown.push(text);
  }
  const rest = groups.slice(shown.length).reduce((sum, { count }) => sum + count, 0);
  return [...shown, `and ${rest} more`].join(", ");
}
