import type { Argument, Todo } from "./workload.ts";

const subjects = [
  "population of Lima in census 17",
  "area of Iceland with all islands",
  "height of K2, the newest survey",
  "founding year of the city Accra",
  "greatest depth of Lake Baikal",
  "length of the Danube to the sea",
  "number of Philippine islands",
  "year the Suez canal was opened",
  "languages spoken in New Guinea",
  "distance of Quito to equator",
  "mean rainfall of Cherrapunji",
  "tonnage of Rotterdam's port",
  "age of the oldest bristlecone",
  "top speed of Shinkansen E5",
  "members of the African Union",
  "temperature of Death Valley",
];

/** Todos of one layer, named a, b, c … from the given letter on. */
export function searches(durations: readonly number[], from = 0): readonly Todo[] {
  return durations.map((ms, index) => search(letter(from + index), [], ms));
}

function search(id: string, needs: readonly string[], ms: number): Todo {
  const subject = subjects[id.charCodeAt(0) % subjects.length] ?? "";
  return { id, tool: "search", args: [subject, ...needs.map(reference)], ms };
}

export function compare(id: string, needs: readonly string[], ms: number): Todo {
  return { id, tool: "compare", args: ["which is the larger one", ...needs.map(reference)], ms };
}

function reference(of: string): Argument {
  return { of };
}

function letter(index: number): string {
  return String.fromCharCode(97 + index);
}

/** Each needs two neighbours of the layer before. */
export function layered(layers: readonly (readonly number[])[]): readonly Todo[] {
  return layers.flatMap((layer, depth) =>
    layer.map((ms, index) => {
      const before = (column: number): string => letter((depth - 1) * layer.length + (column % layer.length));
      const id = letter(depth * layer.length + index);
      return depth === 0 ? search(id, [], ms) : compare(id, [before(index), before(index + 2)], ms);
    }),
  );
}

/** Each needs the two above it. */
export function tree(layers: readonly (readonly number[])[]): readonly Todo[] {
  let above: readonly Todo[] = [];
  const todos: Todo[] = [];
  for (const layer of layers) {
    const started = todos.length;
    const parents = above;
    const row = layer.map((ms, index) => {
      const id = letter(started + index);
      const needs = parents.slice(2 * index, 2 * index + 2).map((todo) => todo.id);
      return needs.length === 0 ? search(id, [], ms) : compare(id, needs, ms);
    });
    todos.push(...row);
    above = row;
  }
  return todos;
}

export function chain(durations: readonly number[]): readonly Todo[] {
  return durations.map((ms, index) => search(letter(index), index === 0 ? [] : [letter(index - 1)], ms));
}

/** A first layer, and one todo behind each of it. */
export function pairs(durations: readonly (readonly [number, number])[]): readonly Todo[] {
  const first = searches(durations.map(([ms]) => ms));
  const second = durations.map(([, ms], index) => search(letter(durations.length + index), [letter(index)], ms));
  return [...first, ...second];
}

/** Chains of three side by side, written layer by layer. */
export function branches(rows: readonly (readonly number[])[]): readonly Todo[] {
  const width = rows.length;
  return [0, 1, 2].flatMap((depth) =>
    rows.map((row, index) => {
      const id = letter(depth * width + index);
      return search(id, depth === 0 ? [] : [letter((depth - 1) * width + index)], row[depth] ?? 0);
    }),
  );
}
