import { branches, chain, compare, layered, pairs, searches, tree } from "./shapes.ts";
import type { Workload } from "./workload.ts";

/** The eight shapes of the figure. Durations are chosen so that each limit is the one the targets were set with. */
export const dagWorkloads: readonly Workload[] = [
  { name: "hotpot-like 2", todos: searches([700, 980]) },
  { name: "movie-like 8", todos: searches([1350, 800, 1850, 1100, 400, 1750, 1500, 1981]) },
  {
    name: "parallelqa-like 2+1+1",
    todos: [...searches([1200, 1600]), compare("c", ["a", "b"], 1300), compare("d", ["c"], 1228)],
  },
  {
    name: "4-4-4",
    todos: layered([
      [900, 650, 1000, 1200],
      [1100, 1500, 800, 1300],
      [1000, 1289, 700, 900],
    ]),
  },
  {
    name: "tree 8-4-2-1",
    todos: tree([[1450, 1300, 1600, 1400, 1550, 1350, 1650, 1700], [1450, 1400, 1480, 1500], [1250, 1300], [1107]]),
  },
  { name: "chain of 5", todos: chain([900, 1100, 1280, 700, 900]) },
  {
    name: "fast tools 6-6",
    todos: pairs([
      [120, 90],
      [200, 150],
      [60, 240],
      [180, 110],
      [90, 70],
      [270, 285],
    ]),
  },
  {
    name: "uneven branches 3x3",
    todos: branches([
      [700, 900, 600],
      [1800, 1400, 1100],
      [400, 500, 400],
    ]),
  },
];

const names: ReadonlySet<string> = new Set(dagWorkloads.map(({ name }) => name));

export function isDag({ name }: Workload): boolean {
  return names.has(name);
}
