import { isAbsolute, posix, resolve } from "node:path";
import { type Truth, ofAny } from "./truth.ts";

/** A folder that a rule names: from the root of the file system or from the workspace. `path` is plain, "" for the whole. */
export type FolderPattern =
  | { readonly from: "root" | "workspace"; readonly path: string; readonly folded: string }
  | { readonly problem: string };

const workspaceName = "$workspace";

export function folderPattern(text: string): FolderPattern {
  const names = text.split("/");
  if (text === "" || !isPlain(text)) return { problem: "must be a path that reads in one way only" };
  if (names.includes("..")) return { problem: "must not lead upwards with .." };
  if (text.startsWith("~")) return { problem: "must be absolute or relative to the workspace: ~ is not followed" };
  if (text.includes("*")) return { problem: "takes no wildcards: a folder stands for all below it" };
  if (names[0] === workspaceName) return pattern("workspace", names.slice(1).join("/"));
  if (text.startsWith("$")) return { problem: `knows ${workspaceName} only` };
  return isAbsolute(text) ? pattern("root", text.slice(1)) : pattern("workspace", text);
}

function pattern(from: "root" | "workspace", text: string): FolderPattern {
  const path = posix.join("/", text, "/").slice(1, -1);
  return { from, path, folded: fold(path) };
}

/**
 * Whether a path that a call names lies in one of the folders, by whole segments. Looks at the text alone: where links lead is
 * the file tools' concern. What lies there only when case and Unicode form are ignored is unknown: file systems differ.
 */
export function pathWithin(path: string, folders: readonly FolderPattern[], root: string | null): Truth {
  const read = last?.path === path && last.root === root ? last : (last = readPath(path, root));
  return ofAny(folders.map((folder) => within(read, folder)));
}

interface ReadPath {
  readonly path: string;
  readonly root: string | null;
  /** Absolute; null where the path may be read in two ways, or leads nowhere. */
  readonly place: string | null;
  readonly foldedPlace: string;
  readonly foldedRoot: string;
}

/** Of one call many rules ask about the same path. */
let last: ReadPath | null = null;

function readPath(path: string, root: string | null): ReadPath {
  const readable = isPlain(path) && !path.startsWith("~") && (root !== null || isAbsolute(path));
  const place = readable ? resolve(root ?? "/", path) : null;
  return { path, root, place, foldedPlace: fold(place ?? ""), foldedRoot: fold(root ?? "") };
}

function within({ root, place, foldedPlace, foldedRoot }: ReadPath, folder: FolderPattern): Truth {
  if ("problem" in folder || place === null || (root === null && folder.from === "workspace")) return "unknown";
  const inside = folder.from === "workspace";
  if (isBelow(place, inside ? (root ?? "") : "", folder.path)) return "yes";
  return isBelow(foldedPlace, inside ? foldedRoot : "", folder.folded) ? "unknown" : "no";
}

/** `base` ends in no slash, but for the root of the file system, which is "" or "/". */
function isBelow(place: string, base: string, path: string): boolean {
  const start = base === "/" ? "" : base;
  const folder = path === "" ? start : `${start}/${path}`;
  return place === folder || place.startsWith(`${folder}/`);
}

function fold(path: string): string {
  return path.normalize("NFC").toLowerCase();
}

/** Nothing in it that another program could take for something else: a separator, a dot, nothing at all. */
function isPlain(path: string): boolean {
  return path !== "" && !/[\\\p{C}]/u.test(path) && path.normalize("NFKC") === path.normalize("NFC");
}
