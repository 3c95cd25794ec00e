import { listWorkspaceFiles } from "../tools/index.ts";

/** Paths for a mention, best first: the letters of the query stand in the path in order, close together and near its end. */
export async function findFiles(root: string, query: string, limit: number): Promise<string[]> {
  const paths = await listWorkspaceFiles(root, AbortSignal.timeout(5000));
  const wanted = query.toLowerCase().replaceAll(/\s/g, "");
  const scored = paths.flatMap((path) => {
    const score = fit(path.toLowerCase(), wanted);
    return score === null ? [] : [{ path, score }];
  });
  return scored
    .toSorted((a, b) => a.score - b.score || a.path.length - b.path.length || (a.path < b.path ? -1 : 1))
    .slice(0, limit)
    .map(({ path }) => path);
}

/** How badly a path fits, 0 for the best; null when a letter is missing. */
function fit(path: string, wanted: string): number | null {
  if (wanted === "") return path.split("/").length;
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (name.startsWith(wanted)) return 0;
  if (name.includes(wanted)) return 1;
  if (path.includes(wanted)) return 2;
  let at = -1;
  let gaps = 0;
  for (const letter of wanted) {
    const next = path.indexOf(letter, at + 1);
    if (next < 0) return null;
    if (at >= 0) gaps += next - at - 1;
    at = next;
  }
  return 3 + gaps;
}
