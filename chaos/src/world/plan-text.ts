import type { Random } from "../lib/random.ts";
import type { Job } from "./job.ts";

/** The whole plan as lines. `again`: reworded and renumbered, as a model writes it that does not remember having written it. */
export function wholePlan(job: Job, again: Random | null): string {
  const stride = again?.between(1, 3) ?? 1;
  const first = again?.between(1, 9) ?? 1;
  const numberOf = (place: number): number => first + place * stride;
  const lines = job.steps.map(({ tool, args, refers }, place) => {
    const referred = refers === undefined ? args : args.replace("$0", `$${numberOf(refers)}`);
    const title = again === null ? "" : ` # once more ${again.between(1, 1000)}`;
    return `${numberOf(place)}. ${tool}(${referred})${title}`;
  });
  return fenced(lines, again === null ? "I will do it." : "Let me do all of this from the start.");
}

/** Only the effects that have not happened, each a line of its own. */
export function planOf(job: Job, effects: readonly string[]): string {
  const wanted = new Set(effects);
  const deeds = job.steps.flatMap(({ effects: all }) => all).filter(({ effect }) => wanted.has(effect));
  return fenced(
    deeds.map(({ line }, index) => `${index + 1}. ${line}`),
    "Some of it is missing.",
  );
}

function fenced(lines: readonly string[], before: string): string {
  return [before, "```plan", ...lines, "```", ""].join("\n");
}
