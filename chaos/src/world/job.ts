import { Random } from "../lib/random.ts";
import { effectOf } from "./ledger.ts";

/** A line of a plan: a call whose arguments may refer to an earlier step by its place, and the effects it comes to. */
interface Step {
  readonly tool: string;
  /** The arguments as the plan has them, where `$0` refers to the step at place 0 of `steps`. */
  readonly args: string;
  readonly refers?: number;
  readonly effects: readonly Deed[];
}

/** One effect as a line by itself, for a model that writes only what is missing. */
interface Deed {
  readonly effect: string;
  readonly line: string;
}

/** What one message asks for: known beforehand down to every effect, so that the world can be held against it. */
export interface Job {
  readonly id: number;
  readonly text: string;
  readonly steps: readonly Step[];
  readonly effects: readonly string[];
  /** Tokens a second; undefined: at once. */
  readonly pace: number | undefined;
  /** Writes its whole plan again, reworded and renumbered, instead of what is missing, and where nothing is. */
  readonly stubborn: boolean;
  /** Its person allows such calls from now on, so that only the rule against repeats stands before a repeat. */
  readonly generous: boolean;
  /** Its first answer breaks off in the middle. */
  readonly breaksOff: boolean;
}

export type JobSize = "small" | "whole";

/** A job drawn from its seed. A whole one has every kind of step. */
export function makeJob(seed: number, id: number, size: JobSize): Job {
  const random = Random.of(seed, "job", id);
  const name = `j${id}`;
  const kinds: readonly (() => readonly Step[])[] = [
    () => [{ tool: "look", args: `"${name}"`, effects: [] }],
    () => [1, 2].map((n) => single("post", `"${name} post ${n}"`, { what: `${name} post ${n}` })),
    () => [single("put", `"${name} put"`, { what: `${name} put` })],
    () => [1, 2, 3].map((n) => noteStep(`${name}-${n % 2}.txt`, `${name} line ${n}`)),
    () => [
      { tool: "look", args: `"${name} flow"`, effects: [] },
      { ...single("post", `$0.seen`, { what: `${name} flow seen` }), refers: 0 },
    ],
    () => fan(name, random.between(1, 4)),
    () => {
      const [path, text] = [`${name}.md`, `text of ${name}`];
      return [single("file_write", `"${path}", "${text}"`, { path, text })];
    },
  ];
  const count = size === "whole" ? kinds.length : random.between(0, 3);
  const groups = (size === "whole" ? kinds : random.shuffled(kinds)).slice(0, count).map((make) => make());
  const steps = groups.reduce<readonly Step[]>((all, group) => [...all, ...moved(group, all.length)], []);
  return {
    id,
    text: `Please do it. [job:${id}]`,
    steps,
    effects: steps.flatMap(({ effects }) => effects.map(({ effect }) => effect)),
    pace: size === "whole" || random.chance(0.4) ? undefined : random.between(100, 600),
    stubborn: random.chance(0.5),
    generous: random.chance(0.4),
    breaksOff: size === "small" && random.chance(0.1),
  };
}

function single(tool: string, args: string, resolved: { readonly [name: string]: string }): Step {
  const line = `${tool}(${Object.values(resolved)
    .map((value) => JSON.stringify(value))
    .join(", ")})`;
  return { tool, args, effects: [{ effect: effectOf(tool, resolved), line }] };
}

function noteStep(path: string, line: string): Step {
  return single("note", `"${path}", "${line}"`, { path, line });
}

/** A read whose items become one effect each. */
function fan(name: string, count: number): readonly Step[] {
  const items = Array.from({ length: count }, (_, index) => `${name} item-${index + 1}`);
  const effects = items.flatMap((what) => single("post", "", { what }).effects);
  return [
    { tool: "find_items", args: `"${name} item", ${count}`, effects: [] },
    { tool: "post", args: "$0.items[*]", refers: 0, effects },
  ];
}

/** A group of steps behind so many others: what it refers to has moved along. */
function moved(group: readonly Step[], by: number): readonly Step[] {
  return group.map((step) => (step.refers === undefined ? step : { ...step, refers: step.refers + by }));
}
