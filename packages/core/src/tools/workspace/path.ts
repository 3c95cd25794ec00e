import { posix } from "node:path";
import { ToolError } from "../tool-error.ts";

const maxPathBytes = 4095;
const maxNameBytes = 255;

/** Characters that look like `/` or `\` and are neither: in a path they can only deceive the person who approves it. */
const lookAlikes = /[\u2044\u2215\u2216\u2571\u2572\u29f5\u29f8\u29f9\ufe68\uff0f\uff3c]/u;
/** Control characters, broken surrogates, and the marks that turn the reading direction round. */
const unprintable = /[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u;

/**
 * What a model or a person wrote, as a path relative to the workspace with `/` between names; `.` is the workspace itself.
 * Only looks at the text: links are the walk's business. Absolute paths count when they lie in `root`.
 * Throws a ToolError `path_invalid` or `path_outside_workspace`.
 */
export function relativePath(path: string, root: string | null): string {
  checkText(path);
  const names: string[] = [];
  for (const name of belowRoot(path, root).split("/")) {
    if (name === "" || name === ".") continue;
    if (name !== "..") names.push(checkName(name, path));
    else if (names.pop() === undefined) throw outside(path);
  }
  return names.length === 0 ? "." : names.join("/");
}

/**
 * The same for `touches`, which does not know the root. A path that is refused as text stays as it was written: permissions
 * judge it, and the call fails on it.
 */
export function touchedPaths(path: string | undefined): readonly string[] | "workspace" {
  if (path === undefined) return "workspace";
  try {
    const relative = relativePath(path, null);
    return relative === "." ? "workspace" : [relative];
  } catch (error) {
    if (error instanceof ToolError) return [path];
    throw error;
  }
}

/** Joins a relative path and what stands below it. */
export function below(folder: string, name: string): string {
  return posix.join(folder, name);
}

function checkText(path: string): void {
  if (path === "") throw invalid("The path is empty.");
  if (Buffer.byteLength(path) > maxPathBytes) throw invalid("The path is too long.");
  if (unprintable.test(path)) throw invalid("The path contains invisible characters.");
  if (path.includes("\\")) throw invalid(`Use "/" between folders: ${shown(path)} contains a backslash.`);
  if (lookAlikes.test(path)) throw invalid(`${shown(path)} contains a character that only looks like a slash.`);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) throw invalid(`${shown(path)} is a URL; give a path in the workspace.`);
  if (/^(?:~|[a-z]:)(?:\/|$)/i.test(path)) throw outside(path);
}

function checkName(name: string, path: string): string {
  if (Buffer.byteLength(name) > maxNameBytes) throw invalid("A name in the path is too long.");
  const plain = name.normalize("NFKC");
  if (/[/\\]/.test(plain) || plain === "." || plain === "..") {
    throw invalid(`${shown(path)} contains a character that only looks like a dot or a slash.`);
  }
  return name;
}

function belowRoot(path: string, root: string | null): string {
  if (!path.startsWith("/")) return path;
  const plain = posix.normalize(path);
  if (root !== null && plain === root) return ".";
  if (root === null || !plain.startsWith(root.endsWith("/") ? root : `${root}/`)) throw outside(path);
  return plain.slice(root.length);
}

export function outside(path: string): ToolError {
  return new ToolError(
    "path_outside_workspace",
    `${shown(path)} is outside the workspace. Use a path relative to the workspace, without "..".`,
  );
}

function invalid(message: string): ToolError {
  return new ToolError("path_invalid", message);
}

/** Quoted and cut, so that an error message cannot be turned into something else. */
function shown(path: string): string {
  return JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);
}
