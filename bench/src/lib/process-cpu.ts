import { readFile, readdir } from "node:fs/promises";

/** What one process of the table has used. `seconds` includes children that have ended and were waited for. */
interface ProcessEntry {
  readonly parent: number;
  readonly seconds: number;
}

/** The kernel counts in hundredths of a second on every machine that Node runs on. */
const ticksPerSecond = 100;

/** CPU seconds of a process and all below it so far. Null where there is no `/proc` to ask, or no such process. */
export async function cpuSecondsOf(pid: number): Promise<number | null> {
  const entries = await processes();
  if (!entries.has(pid)) return null;
  return [...entries].filter(([id]) => isBelow(entries, id, pid)).reduce((sum, [, { seconds }]) => sum + seconds, 0);
}

async function processes(): Promise<ReadonlyMap<number, ProcessEntry>> {
  const names = await readdir("/proc").catch(() => []);
  const ids = names.filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/stat`, "utf8").catch(() => null)));
  return new Map(lines.flatMap((line, index) => (line === null ? [] : [[Number(ids[index]), parseStat(line)] as const])));
}

/** The name, in brackets, may hold anything; behind it come state, parent, and from the twelfth on the times. */
function parseStat(line: string): ProcessEntry {
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { parent: Number(fields[1]), seconds: ticks / ticksPerSecond };
}

function isBelow(entries: ReadonlyMap<number, ProcessEntry>, id: number, top: number): boolean {
  for (let at: number | undefined = id; at !== undefined && at > 0; at = entries.get(at)?.parent) if (at === top) return true;
  return false;
}

/** A part of what a bench consists of, by its process. */
export type Parties = { readonly [name: string]: number };

/** Cores that each has used since: 1 is a whole one. */
export type Shares = { readonly [name: string]: number | null };

/** Begins to count; the returned function tells what was used until then. */
export async function watchCpu(parties: Parties): Promise<() => Promise<Shares>> {
  const used = async (): Promise<readonly (number | null)[]> => Promise.all(Object.values(parties).map(cpuSecondsOf));
  const before = await used();
  const started = performance.now();
  return async () => {
    const after = await used();
    const seconds = (performance.now() - started) / 1000;
    const share = (index: number): number | null => {
      const [from, to] = [before[index], after[index]];
      return from === null || from === undefined || to === null || to === undefined ? null : (to - from) / seconds;
    };
    return Object.fromEntries(Object.keys(parties).map((name, index) => [name, share(index)]));
  };
}
