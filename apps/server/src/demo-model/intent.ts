/** What the demo model can make of a message. */
export type Intent =
  | { readonly kind: "list"; readonly path: string | null }
  | { readonly kind: "find"; readonly what: string }
  | { readonly kind: "read"; readonly paths: readonly string[] }
  | { readonly kind: "replace"; readonly path: string; readonly find: string; readonly replace: string }
  | { readonly kind: "none" };

const quoted = "[\"'`“‘]([^\"'`“”‘’\\n]+)[\"'`”’]";
const path = String.raw`(?:[\w@.-]+\/)*[\w@.-]*[\w@-]\.\w{1,10}|(?:[\w@.-]+\/)+[\w@.-]*`;

const replacing = new RegExp(
  `\\b(?:replace|change|rename)\\s+${quoted}\\s+(?:with|by|to|into)\\s+${quoted}\\s+in\\s+["'\`]?(${path})`,
  "i",
);
const marker = /\b(TODO|FIXME|HACK|XXX)s?\b/;
const finding = /\b(?:find|search(?:\s+for)?|grep(?:\s+for)?|look\s+for|where\s+(?:is|are))\s+(.+)/i;
const reading = /\b(?:read|open|show|print|cat|explain|summari[sz]e|what\s+does)\b/i;
const listing = /\b(?:list|ls|tree|files?|folders?)\b|\bwhat(?:'s|\s+is)\s+in\b/i;
const inFolder = new RegExp(`\\b(?:in|of|under)\\s+["'\`]?(${path}|[\\w@-]+)["'\`]?\\s*[?.!]?\\s*$`, "i");
const notAFolder = /^(?:this|the|my|here|it|files?|folders?|project|workspace|folder|repo|repository)$/i;

/** Simple patterns, most particular first. It guesses nothing: what fits none of them is `none`. */
export function readIntent(text: string): Intent {
  return asReplace(text) ?? asMarker(text) ?? asFind(text) ?? asRead(text) ?? asList(text) ?? { kind: "none" };
}

function asReplace(text: string): Intent | null {
  const [, find, replace, file] = replacing.exec(text) ?? [];
  if (find === undefined || replace === undefined || file === undefined) return null;
  return { kind: "replace", find, replace, path: withoutFullStop(file) };
}

function asMarker(text: string): Intent | null {
  const [, what] = marker.exec(text) ?? [];
  return what === undefined ? null : { kind: "find", what };
}

function asFind(text: string): Intent | null {
  const [, rest] = finding.exec(text) ?? [];
  if (rest === undefined) return null;
  const [, inQuotes] = new RegExp(quoted).exec(rest) ?? [];
  const what = inQuotes ?? plainWords(rest);
  return what === "" ? null : { kind: "find", what };
}

/** "all uses of parseFrame in src?" → "parseFrame": the last word before the place, as people say what they look for last. */
function plainWords(rest: string): string {
  const words = rest.replace(/\s+\b(?:in|inside|within)\b.*$/i, "").replace(/[?.!,;:]+\s*$/, "");
  return words.split(/\s+/).at(-1) ?? "";
}

function asRead(text: string): Intent | null {
  const paths = [...text.matchAll(new RegExp(path, "g"))]
    .map(([found]) => withoutFullStop(found))
    .filter((found) => /\.\w+$/.test(found));
  if (paths.length === 0 || !(reading.test(text) || text.includes("?"))) return null;
  return { kind: "read", paths: [...new Set(paths)].slice(0, 3) };
}

function asList(text: string): Intent | null {
  if (!listing.test(text)) return null;
  const [, folder] = inFolder.exec(text) ?? [];
  return {
    kind: "list",
    path: folder === undefined || notAFolder.test(folder) ? null : withoutFullStop(folder).replace(/\/$/, ""),
  };
}

function withoutFullStop(found: string): string {
  return found.replace(/\.$/, "");
}
