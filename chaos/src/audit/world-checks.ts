import type { OrquestraEvent } from "@orquestra/protocol";
import type { Said } from "../world/conversation.ts";
import type { Deeds } from "../world/outside.ts";
import type { Finding } from "./finding.ts";
import { eventsOf } from "./log-checks.ts";

/** Every effect that was asked for has happened once; what somebody stopped, at most once. */
export function checkEffects({ acknowledged, stopped }: Said, deeds: Deeds): readonly Finding[] {
  return acknowledged.flatMap(({ job }) =>
    job.effects.flatMap((effect): readonly Finding[] => {
      const times = deeds.times(effect);
      if (times > 1) return [{ kind: "doubled", what: `effect ${effect} happened ${times} times` }];
      return times === 1 || stopped.has(job.id) ? [] : [{ kind: "lost", what: `effect ${effect} never happened` }];
    }),
  );
}

/** Nothing happens that nobody asked for. */
export function checkNothingElse(conversations: readonly Said[], deeds: Deeds): readonly Finding[] {
  const asked = new Set(conversations.flatMap(({ acknowledged }) => acknowledged.flatMap(({ job }) => job.effects)));
  const others = [...deeds.effects.keys()].filter((effect) => !asked.has(effect));
  return others.map((effect) => ({ kind: "wrong", what: `effect ${effect} was asked for by nobody` }));
}

/** The intent of an effect is in the log before its tool is called. */
export function checkIntents(events: readonly OrquestraEvent[], deeds: Deeds): readonly Finding[] {
  const started = counted(eventsOf(events, "todo-started").map(({ runId, data }) => `${runId} ${data.todoId}`));
  const runs = new Set(events.map(({ runId }) => runId));
  const begun = deeds.entries.filter(({ phase, runId }) => phase === "begun" && runs.has(runId));
  const calls = counted(begun.map(({ runId, todoId }) => `${runId} ${todoId}`));
  return [...calls]
    .filter(([todo, times]) => times > (started.get(todo) ?? 0))
    .map(([todo, times]) => ({
      kind: "wrong",
      what: `todo ${todo} was called ${times} times with ${started.get(todo) ?? 0} intents`,
    }));
}

function counted(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
