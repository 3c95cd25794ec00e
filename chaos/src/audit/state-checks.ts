import { isDeepStrictEqual } from "node:util";
import { type SessionState, applyEvent, emptySession, trimSession } from "@orquestra/protocol";
import { until } from "../lib/until.ts";
import type { Conversation } from "../world/conversation.ts";
import type { SessionLog } from "../world/wire.ts";
import type { Finding } from "./finding.ts";

/** So many messages are in a snapshot. */
const snapshotMessages = 50;

/** Whoever stayed through every fault has what the log adds up to, and a fresh snapshot the end of it. */
export async function checkStates(conversation: Conversation, { events, snapshot }: SessionLog): Promise<readonly Finding[]> {
  const last = events.at(-1)?.seq ?? 0;
  await until(() => conversation.states.every((state) => state?.seq === last), {
    within: 60_000,
    what: () =>
      `clients of session ${conversation.id} are at ${conversation.states.map((state) => state?.seq).join(" and ")} instead of ${last}`,
  });
  const truth = events.reduce(applyEvent, emptySession(conversation.id));
  return [
    ...differences(`the snapshot of session ${conversation.id}`, snapshot, trimSession(truth, snapshotMessages)),
    ...conversation.states.flatMap((state) => differences(`a client of session ${conversation.id}`, state, truth)),
  ];
}

/** The database lists the thread as the log adds up to it. What a turn that was cut had opened and not written is no message there. */
export function checkThread(sessionId: string, { events, messageIds: listed }: SessionLog): readonly Finding[] {
  const { messages } = events.reduce(applyEvent, emptySession(sessionId));
  const written = messages.filter(({ role, text }) => role === "user" || text !== "");
  const whole = written.map(({ messageId }) => messageId);
  if (isDeepStrictEqual(listed, whole)) return [];
  const place = whole.findIndex((id, index) => listed[index] !== id);
  const what = `of ${whole.length} messages of session ${sessionId} ${listed.length} are listed, in another order from place ${place}`;
  return [{ kind: "wrong", what }];
}

function differences(whose: string, state: SessionState | null, truth: SessionState): readonly Finding[] {
  if (isDeepStrictEqual(plain(state), plain(truth))) return [];
  const where = firstDifference(plain(state), plain(truth), "");
  return [{ kind: "wrong", what: `${whose} is not what its log adds up to: ${where}` }];
}

/** Without what is undefined, as it would come over the wire. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function firstDifference(a: unknown, b: unknown, path: string): string {
  if (!isRecord(a) || !isRecord(b)) return `${path || "all"}: ${short(a)} instead of ${short(b)}`;
  const key = [...new Set([...Object.keys(b), ...Object.keys(a)])].find((name) => !isDeepStrictEqual(a[name], b[name]));
  return firstDifference(a[key ?? ""], b[key ?? ""], `${path}/${key}`);
}

function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null;
}

function short(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 200);
}
