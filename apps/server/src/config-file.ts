import { messageOf } from "@orquestra/core";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { fileKey, settingNames, settingPlaces } from "./config-settings.ts";

/** What `orquestra.yaml` says, values as text. */
export interface SettingsFile {
  readonly path: string | null;
  readonly texts: { readonly [key: string]: string };
  readonly problems: readonly string[];
}

/** Reads the first of these files that is there. */
export function readSettingsFile(paths: readonly string[]): SettingsFile {
  for (const path of paths) {
    const text = readIfThere(path);
    if (text instanceof Error) return { path, texts: {}, problems: [`${path}: cannot be read (${text.message})`] };
    if (text !== null) return parseSettingsFile(path, text);
  }
  return { path: null, texts: {}, problems: [] };
}

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const fileSchema = z.record(z.string(), z.union([scalar, z.array(scalar).transform((items) => items.join(","))])).nullable();

function parseSettingsFile(path: string, text: string): SettingsFile {
  try {
    const content = fileSchema.safeParse(parse(text));
    if (!content.success) return { path, texts: {}, problems: [`${path}: must hold lines like "port: 4310"`] };
    return { path, texts: content.data ?? {}, problems: unknownKeys(path, content.data ?? {}) };
  } catch (error) {
    return { path, texts: {}, problems: [`${path}: is not YAML (${messageOf(error).split("\n")[0]})`] };
  }
}

function unknownKeys(path: string, texts: object): readonly string[] {
  const known = new Set(settingNames.map((name) => fileKey(settingPlaces[name])));
  return Object.keys(texts).flatMap((key) => {
    if (key === "data-dir") return [`${path}: data-dir cannot be set here, as this file may lie in it; use ORQUESTRA_DATA_DIR`];
    return known.has(key) ? [] : [`${path}: unknown setting ${JSON.stringify(key)}`];
  });
}

function readIfThere(path: string): string | Error | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return null;
    return error instanceof Error ? error : new Error(String(error));
  }
}
