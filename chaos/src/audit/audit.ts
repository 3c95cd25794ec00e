import type { OrquestraEvent } from "@orquestra/protocol";
import type { Conversation } from "../world/conversation.ts";
import type { World } from "../world/world.ts";
import { readPatiently } from "../world/wire.ts";
import type { Finding } from "./finding.ts";
import { checkMessages, checkNumbers, checkRuns, checkTodos, eventsOf } from "./log-checks.ts";
import { checkStates, checkThread } from "./state-checks.ts";
import { checkEffects, checkIntents, checkNothingElse } from "./world-checks.ts";

export interface Audit {
  readonly findings: readonly Finding[];
  readonly runs: number;
  readonly todos: number;
  readonly effects: number;
  /** Todos whose end nobody saw. */
  readonly unknown: number;
  /** Messages that had been written although the server said that it had not taken them. */
  readonly unsaid: number;
  /** Commands that were answered with an error, by what it said. */
  readonly refusals: ReadonlyMap<string, number>;
}

export interface AuditOptions {
  /** Absent: all there are. */
  readonly conversations?: readonly Conversation[];
  /** Where the clock was set back, the database lists a thread by that clock; the log has it in order all the same. */
  readonly clock?: "steady" | "jumping";
}

/** Holds logs, clients and the world against each other, when everything has come to its end. */
export async function auditWorld(world: World, options: AuditOptions = {}): Promise<Audit> {
  const { conversations = world.conversations, clock = "steady" } = options;
  const deeds = world.outside.look();
  const findings: Finding[] = [];
  const all: OrquestraEvent[] = [];
  for (const conversation of conversations) {
    const log = await readPatiently({ port: world.server.settings.port, user: conversation.user }, conversation.id);
    const { events } = log;
    all.push(...events);
    findings.push(
      ...checkNumbers(conversation.id, events),
      ...checkMessages(conversation, events),
      ...checkRuns(conversation, events),
      ...checkTodos(events),
      ...checkIntents(events, deeds),
      ...checkEffects(conversation, deeds),
      ...(await checkStates(conversation, log)),
      ...(clock === "steady" ? checkThread(conversation.id, log) : []),
    );
  }
  const said = conversations.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
  findings.push(...checkNothingElse(world.conversations, deeds));
  return {
    findings,
    runs: eventsOf(all, "run-queued").length,
    todos: eventsOf(all, "todo-added").length,
    effects: conversations.reduce((sum, { acknowledged }) => sum + happened(acknowledged), 0),
    unknown: eventsOf(all, "todo-unknown").length,
    unsaid: all.filter(({ type }) => type === "message-received").length - said,
    refusals: addedUp(conversations.flatMap(({ refusals, person }) => [...refusals, ...person.refusals])),
  };

  function happened(acknowledged: Conversation["acknowledged"]): number {
    return acknowledged.flatMap(({ job }) => job.effects).filter((effect) => deeds.times(effect) > 0).length;
  }
}

function addedUp(counts: readonly (readonly [string, number])[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const [name, times] of counts) sums.set(name, (sums.get(name) ?? 0) + times);
  return sums;
}
