import { writeFile } from "node:fs/promises";
import { type Profiler, Session } from "node:inspector/promises";
import { z } from "zod";
import type { Report } from "../bench.ts";

export const selfTimeSchema = z.object({
  name: z.string(),
  place: z.string(),
  milliseconds: z.number(),
  share: z.number(),
});
export type SelfTime = Readonly<z.infer<typeof selfTimeSchema>>;

export interface Profiled<T> {
  readonly value: T;
  readonly hottest: readonly SelfTime[];
}

/** Runs the work under V8's CPU profiler, keeps the profile as a file and returns the functions with most time of their own. */
export async function profiled<T>(file: string, work: () => Promise<T>): Promise<Profiled<T>> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: 200 });
  await session.post("Profiler.start");
  const value = await work();
  const { profile } = await session.post("Profiler.stop");
  session.disconnect();
  await writeFile(file, JSON.stringify(profile));
  return { value, hottest: selfTimes(profile).slice(0, 25) };
}

type CallFrame = Profiler.Profile["nodes"][number]["callFrame"];

/** What V8 counts besides work: waiting, its own start, and the profiler's (`dispatch`). */
const outside: ReadonlySet<string> = new Set(["(idle)", "(program)", "dispatch"]);

/** Self time per function, most first. Waiting is left out. */
export function selfTimes({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): readonly SelfTime[] {
  const isWork = ({ functionName, url }: CallFrame): boolean => url !== "" || !outside.has(functionName);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const times = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const frame = byId.get(id)?.callFrame;
    if (frame === undefined || !isWork(frame)) continue;
    const key = `${frame.functionName || "(anonymous)"}\t${placeOf(frame)}`;
    times.set(key, (times.get(key) ?? 0) + (timeDeltas[index] ?? 0) / 1000);
  }
  const total = [...times.values()].reduce((sum, time) => sum + time, 0);
  return [...times]
    .toSorted(([, a], [, b]) => b - a)
    .map(([key, milliseconds]) => {
      const [name = "", place = ""] = key.split("\t");
      return { name, place, milliseconds, share: milliseconds / total };
    });
}

function placeOf({ url, lineNumber }: CallFrame): string {
  if (url === "") return "";
  const path = url.replace(/^file:\/\//, "");
  return `${path.split("/").slice(-4).join("/")}:${lineNumber + 1}`;
}

export function showHottest(title: string, hottest: readonly SelfTime[], report: Report): void {
  report.table({
    title,
    columns: ["function", "ms", "%", "where"],
    rows: hottest.map(({ name, milliseconds, share, place }) => [name, milliseconds, 100 * share, place]),
  });
}
