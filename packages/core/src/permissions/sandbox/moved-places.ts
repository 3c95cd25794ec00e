import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type SensitivePlace, placeAt } from "./sensitive-places.ts";

const maxNames = 200_000;

/**
 * Sensitive places that a command has taken with a folder around them to where nobody guards them: into `node_modules`, or out
 * of a folder whose name is what makes them secret (`.docker/config.json`). They are known by what they are, not by their name.
 * `complete` is false where there were too many names to find them all.
 */
export async function movedPlaces(
  root: string,
  before: readonly SensitivePlace[],
  after: readonly SensitivePlace[],
): Promise<{ readonly moved: readonly SensitivePlace[]; readonly complete: boolean }> {
  const still = new Set(after.map(({ identity }) => identity));
  const missing = new Map(before.flatMap((it) => (still.has(it.identity) ? [] : [[it.identity, it.refused]])));
  const moved: SensitivePlace[] = [];
  const waiting = missing.size === 0 ? [] : [""];
  let names = 0;
  for (const folder of waiting) {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
    names += entries.length;
    if (names > maxNames) return { moved, complete: false };
    for (const entry of entries) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      const place = await placeAt(root, path, []);
      const refused = place === null ? undefined : missing.get(place.identity);
      if (place !== null && refused !== undefined) moved.push({ ...place, refused });
      else if (entry.isDirectory()) waiting.push(path);
    }
  }
  return { moved, complete: true };
}
