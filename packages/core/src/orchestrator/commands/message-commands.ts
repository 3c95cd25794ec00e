import { type NewEvent, userLabel } from "@orquestra/protocol";
import { isoTime } from "../../lib/clock.ts";
import { CommandError } from "../../lib/error.ts";
import { newId } from "../../lib/ids.ts";
import type { Batch, Change, MessageRecord, RunRecord, SessionRecord } from "../../persistence/index.ts";
import type { EngineParts } from "../parts.ts";
import type { RunBook } from "../run-book.ts";
import { intendStop } from "../run/by-hand.ts";
import { ownSession } from "./access.ts";
import type { CommandOf, Handlers } from "./outcome.ts";
import { untitled } from "./session-commands.ts";

/** Messages that may wait behind a run. */
const longestQueue = 100;

/** The value itself was taken out before the command got here. */
const heldBack =
  "Your message held a secret of this server. It was neither kept nor sent to a model: the message names it instead.";

export function messageCommands(parts: EngineParts, runs: RunBook): Handlers<"message-send" | "queue-update"> {
  const { store, clock, redactor } = parts;
  return {
    "message-send": async (command, user) => {
      const session = await ownSession(store, command, user);
      const active = await store.runs.active(session.id);
      const { whenBusy = "enqueue", text, attachments } = command.data;
      if (active.length > 0 && whenBusy === "reject")
        throw new CommandError("busy", "The session is busy with another message.", { retryable: true });
      if (active.length >= longestQueue) throw new CommandError("rate_limited", `${longestQueue} messages are waiting already.`);
      const at = isoTime(clock);
      const message: MessageRecord = {
        id: newId(),
        sessionId: session.id,
        runId: newId(),
        role: "user",
        turn: 0,
        text,
        raw: text,
        calls: [],
        label: userLabel,
        attachments: attachments ?? [],
        at,
      };
      const run = newRun(message, {
        session,
        userId: user.id,
        queuedAt: whenBusy === "interrupt" ? ahead(active, at) : behind(active, at),
      });
      const renamed = rename(session, text, at);
      const events: NewEvent[] = [
        {
          type: "message-received",
          runId: run.id,
          data: { messageId: message.id, text, ...(attachments === undefined ? {} : { attachments }) },
        },
        { type: "run-queued", runId: run.id, data: { messageId: message.id } },
        ...(redactor.mentionsSecret(text) ? [{ type: "notice", runId: run.id, data: { text: heldBack } } as const] : []),
        ...(whenBusy === "interrupt" ? [{ type: "message-queued", data: { messageId: message.id, position: 0 } } as const] : []),
      ];
      const stops = whenBusy === "interrupt" && active.some(({ status }) => status !== "queued");
      if (stops) await runs.hold(session.id);
      const interrupted = whenBusy === "interrupt" ? runs.workingOn(session.id) : undefined;
      const wakeUp = { sessionId: session.id, runId: run.id };
      return {
        reply: { messageId: message.id, runId: run.id },
        sessionId: session.id,
        events: [...renamed.events, ...events],
        changes: [
          { put: "sessions", record: renamed.session },
          { put: "messages", record: message },
          { put: "runs", record: run },
        ],
        ...(interrupted === undefined ? {} : { act: () => intendStop(interrupted) }),
        after: () => (whenBusy === "interrupt" ? runs.interrupt(wakeUp) : runs.wake(wakeUp)),
      };
    },

    "queue-update": async (command, user) => {
      const session = await ownSession(store, command, user);
      // One that has an owner is being taken up: its row is written there, though it is still queued.
      const queued = (await store.runs.active(session.id)).filter(({ status, owner }) => status === "queued" && owner === null);
      const run = queued.find(({ messageId }) => messageId === command.data.messageId);
      const message = await store.messages.get(command.data.messageId);
      if (run === undefined || message === null) throw new CommandError("not_found", "That message is not waiting (any more).");
      const change = queueChange(command, { run, message, queued, at: isoTime(clock) });
      return { reply: {}, sessionId: session.id, fence: queueFence(queued), ...change };
    },
  };
}

/**
 * Runs leave the queue at its head, and get a higher epoch by that: while the head's is what was read, nobody has taken up
 * any of them, and no row that is put back here is stale.
 */
function queueFence([head]: readonly RunRecord[]): Batch["fence"] {
  return head === undefined ? undefined : { runId: head.id, epoch: head.epoch };
}

interface Queued {
  readonly run: RunRecord;
  readonly message: MessageRecord;
  readonly queued: readonly RunRecord[];
  readonly at: string;
}

function queueChange(
  { data }: CommandOf<"queue-update">,
  { run, message, queued, at }: Queued,
): { events: NewEvent[]; changes: Change[] } {
  const events: NewEvent[] = [];
  const changes: Change[] = [];
  if (data.remove === true) {
    events.push({ type: "message-removed", data: { messageId: message.id } }, { type: "run-cancelled", runId: run.id, data: {} });
    changes.push(
      { put: "runs", record: { ...run, epoch: run.epoch + 1, status: "cancelled", stopReason: "cancelled", endedAt: at } },
      { delete: "messages", id: message.id },
    );
    return { events, changes };
  }
  if (data.text !== undefined) {
    events.push({ type: "message-updated", data: { messageId: message.id, text: data.text } });
    changes.push({ put: "messages", record: { ...message, text: data.text, raw: data.text } });
  }
  if (data.position !== undefined) {
    const order = queued.filter((other) => other !== run);
    order.splice(data.position, 0, run);
    // The queue is ordered by these times, so the same times are dealt out anew.
    const times = queued.map(({ queuedAt }) => queuedAt).toSorted();
    order.forEach((record, index) =>
      changes.push({ put: "runs", record: { ...record, queuedAt: times[index] ?? record.queuedAt } }),
    );
    events.push({ type: "message-queued", data: { messageId: message.id, position: Math.min(data.position, order.length - 1) } });
  }
  return { events, changes };
}

interface Queueing {
  readonly session: SessionRecord;
  readonly userId: string;
  readonly queuedAt: string;
}

function newRun(message: MessageRecord, { session, userId, queuedAt }: Queueing): RunRecord {
  return {
    id: message.runId,
    sessionId: session.id,
    userId,
    messageId: message.id,
    status: "queued",
    model: session.model,
    turn: 0,
    usage: { inputTokens: 0, outputTokens: 0 },
    cost: null,
    stopReason: null,
    error: null,
    owner: null,
    epoch: 0,
    queuedAt,
    startedAt: null,
    endedAt: null,
  };
}

/** The present, but after all that wait, even within one millisecond. */
function behind(active: readonly RunRecord[], at: string): string {
  const last = Math.max(0, ...active.map(({ queuedAt }) => Date.parse(queuedAt)));
  return last < Date.parse(at) ? at : new Date(last + 1).toISOString();
}

/** A time before all that wait, so that an interrupting message is next. */
function ahead(active: readonly RunRecord[], at: string): string {
  const waiting = active.filter(({ status }) => status === "queued").map(({ queuedAt }) => Date.parse(queuedAt));
  return waiting.length === 0 ? at : new Date(Math.min(...waiting) - 1).toISOString();
}

function rename(session: SessionRecord, text: string, at: string): { session: SessionRecord; events: NewEvent[] } {
  if (session.title !== untitled) return { session: { ...session, updatedAt: at }, events: [] };
  const line = text.trim().split("\n", 1)[0] ?? "";
  const title = line.length > 60 ? `${line.slice(0, 59).trimEnd()}…` : line;
  return {
    session: { ...session, title: title || untitled, updatedAt: at },
    events: [{ type: "session-updated", data: { title: title || untitled } }],
  };
}
