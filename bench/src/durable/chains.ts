import { type LiveFrame, newId } from "@orquestra/core";
import type { WatchedSession } from "../lib/watched-session.ts";
import { chainMarker } from "./workload.ts";

export interface Chains {
  readonly sessions: number;
  /** Of each, one after the other. */
  readonly effects: number;
}

/** Effects per second of plans in which each effect waits for the one before it: those after the first of each plan. */
export async function effectsPerSecond(open: OpenSession, { sessions, effects }: Chains): Promise<number> {
  const watch = new EffectWatch();
  const all = await Promise.all(Array.from({ length: sessions }, () => open(watch.onFrame)));
  const reports = await Promise.all(all.map((session) => session.run(`Write all steps. ${chainMarker(newId(), effects)}`)));
  for (const session of all) session.close();
  const done = reports.reduce((sum, { completedTodos }) => sum + completedTodos, 0);
  if (done !== sessions * effects) throw new Error(`${done} of ${sessions * effects} effects were done.`);
  return (done - sessions) / ((watch.last - watch.first) / 1000);
}

export type OpenSession = (onFrame?: (frame: LiveFrame) => void) => Promise<WatchedSession>;

/** When the first and the last effect were done, as a client hears of it. */
class EffectWatch {
  first = Number.NaN;
  last = Number.NaN;

  readonly onFrame = ({ type }: LiveFrame): void => {
    if (type !== "todo-completed") return;
    this.last = performance.now();
    if (Number.isNaN(this.first)) this.first = this.last;
  };
}
