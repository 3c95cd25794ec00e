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
  // What begins with the root as it is written: then that reads in one way only, as the beginning of a plain path.
  if (isAbsolute(root) && absolute.startsWith(root + sep)) return placeBelow(absolute, absolute.slice(root.length + 1));
  return placeBelow(absolute, relative(root, absolute));
}

function placeBelow(absolute: string, within: string): Place {
  const inside = within !== ".." && !within.startsWith(`..${sep}`) && !isAbsolute(within);
  return { inside, absolute, relative: sep === "/" ? within : within.replaceAll(sep, "/") };
}

/** By whole segments, whatever the case or the Unicode form: file systems differ in both. */
export function isWithin(folder: string, path: string): boolean {
  const base = resolve(fold(folder));
  const place = resolve(base, fold(path));
  return place === base || place.startsWith(base.endsWith(sep) ? base : base + sep);
}

function fold(path: string): string {
  return path.normalize("NFC").toLowerCase();
}
