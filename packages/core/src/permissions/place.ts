import { isAbsolute, relative, resolve, sep } from "node:path";

/** Where a path that a tool names lies: by its text alone, links are the file tools' own concern. */
export interface Place {
  readonly inside: boolean;
  readonly absolute: string;
  /** `/`-separated, "" for the folder itself. */
  readonly relative: string;
}

export function placeIn(root: string, path: string): Place {
  const absolute = resolve(root, path);
  const within = relative(root, absolute);
  const inside = within !== ".." && !within.startsWith(`..${sep}`) && !isAbsolute(within);
  return { inside, absolute, relative: within.split(sep).join("/") };
}

/** By whole segments, whatever the case or the Unicode form: file systems differ in both. */
export function isWithin(folder: string, path: string): boolean {
  return placeIn(fold(folder), fold(path)).inside;
}

function fold(path: string): string {
  return path.normalize("NFC").toLowerCase();
}
