import type { BigIntStats } from "node:fs";
import { posix } from "node:path";
import { isGitPath, isSecretPath } from "../workspace/sensitive.ts";

/**
 * Folders of dependencies, which a package manager fills again. Only names decide: ignore files are content of the workspace, and
 * what they hide (notes, data, local settings) is often what cannot be made again.
 */
const dependencies = new Set([
  "node_modules",
  "bower_components",
  "jspm_packages",
  ".pnpm-store",
  ".venv",
  "venv",
  ".tox",
  ".nox",
  "__pypackages__",
  ".bundle",
  "Pods",
]);

/** Folders that a build or a tool fills again. They are part of a snapshot while they are small. */
const rebuildable = new Set([
  "target",
  "dist",
  "build",
  "_build",
  "out",
  "coverage",
  "DerivedData",
  "__pycache__",
  ".next",
  ".nuxt",
  ".svelte-kit",
  ".turbo",
  ".cache",
  ".parcel-cache",
  ".gradle",
  ".dart_tool",
  ".mypy_cache",
  ".pytest_cache",
  ".ruff_cache",
]);

export interface Limits {
  /** The file system the workspace lies on. */
  readonly device: bigint;
  readonly fileBytes: number;
}

/**
 * What a snapshot does not hold. Every such place is named, and has to be guarded against commands that nobody was asked about:
 * git's own files, secrets (which are never copied), dependencies, other file systems, files that are too large, and what is
 * neither file, folder nor link. Judges one step: the folders above have been judged before.
 */
export function isLeftOut(path: string, stats: BigIntStats, { device, fileBytes }: Limits): boolean {
  const name = posix.basename(path);
  if (isGitPath(name) || isSecret(path) || stats.dev !== device) return true;
  if (stats.isDirectory()) return dependencies.has(name);
  return !(stats.isSymbolicLink() || (stats.isFile() && stats.size <= fileBytes));
}

export function isRebuildable(path: string): boolean {
  return rebuildable.has(posix.basename(path));
}

/** As `isSecretPath` says, where the folders above are none: it looks at single names and at two in a row. */
export function isSecret(path: string): boolean {
  return isSecretPath(path.split("/").slice(-2).join("/"));
}
