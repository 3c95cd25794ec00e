/** At most this many names are offered. */
const offered = 3;

/** The names that were most likely meant, best first; none when nothing is close. */
export function nearNames(name: string, names: readonly string[]): readonly string[] {
  const wanted = name.toLowerCase().slice(0, 64);
  const limit = Math.max(2, Math.floor(wanted.length / 3));
  return names
    .map((candidate) => ({ candidate, distance: distanceOf(wanted, candidate.toLowerCase(), limit) }))
    .filter(({ distance }) => distance <= limit)
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, offered)
    .map(({ candidate }) => candidate);
}

/** Words in another order, or one of them missing, count as one typing mistake. */
function distanceOf(a: string, b: string, limit: number): number {
  const [shorter, longer] = [wordsOf(a), wordsOf(b)].toSorted((x, y) => x.size - y.size);
  if (shorter !== undefined && longer !== undefined && [...shorter].every((word) => longer.has(word))) return 1;
  return Math.abs(a.length - b.length) > limit ? Infinity : editDistance(a, b);
}

function wordsOf(name: string): Set<string> {
  return new Set(name.split(/[^a-z0-9]+/));
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(change, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
  }
  return row[b.length] ?? 0;
}
