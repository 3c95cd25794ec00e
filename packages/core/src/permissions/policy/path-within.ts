import { isAbsolute } from "node:path";
import { isWithin, placeIn } from "../place.ts";
import { type Truth, ofAny } from "./truth.ts";

/** A folder that a rule names: from the root of the file system or from the workspace. */
export type FolderPattern = { readonly from: "root" | "workspace"; readonly path: string } | { readonly problem: string };

const workspaceName = "$workspace";

export function folderPattern(text: string): FolderPattern {
  const names = text.split("/");
  if (text === "" || !isPlain(text)) return { problem: "must be a path that reads in one way only" };
  if (names.includes("..")) return { problem: "must not lead upwards with .." };
  if (text.startsWith("~")) return { problem: "must be absolute or relative to the workspace: ~ is not followed" };
  if (text.includes("*")) return { problem: "takes no wildcards: a folder stands for all below it" };
  if (names[0] === workspaceName) return { from: "workspace", path: names.slice(1).join("/") || "." };
  if (text.startsWith("$")) return { problem: `knows ${workspaceName} only` };
  return { from: isAbsolute(text) ? "root" : "workspace", path: text };
}

/**
 * Whether a path that a call names lies in one of the folders, by whole segments. Looks at the text alone: where links lead is
 * the file tools' concern. What lies there only when case and Unicode form are ignored is unknown: file systems differ.
 */
export function pathWithin(path: string, folders: readonly FolderPattern[], root: string | null): Truth {
  if (!isPlain(path) || path.startsWith("~")) return "unknown";
  return ofAny(folders.map((folder) => within(path, folder, root)));
}

function within(path: string, folder: FolderPattern, root: string | null): Truth {
  if ("problem" in folder) return "unknown";
  if (root === null && (folder.from === "workspace" || !isAbsolute(path))) return "unknown";
  const base = root ?? "/";
  const { absolute } = placeIn(base, path);
  const whole = placeIn(folder.from === "workspace" ? base : "/", folder.path).absolute;
  if (placeIn(whole, absolute).inside) return "yes";
  return isWithin(whole, absolute) ? "unknown" : "no";
}

/** Nothing in it that another program could take for something else: a separator, a dot, nothing at all. */
function isPlain(path: string): boolean {
  return path !== "" && !/[\\\p{C}]/u.test(path) && path.normalize("NFKC") === path.normalize("NFC");
}
