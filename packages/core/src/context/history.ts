import type { MessageRecord, Store } from "../persistence/index.ts";
import type { Exchange } from "./prompt-input.ts";

const pageSize = 1000;

/** A message with its number: `m` and its place in the thread, counted from 1. It stays once its run has ended. */
export interface NumberedMessage {
  readonly number: string;
  readonly record: MessageRecord;
}

export async function numberedMessages(store: Store, sessionId: string): Promise<readonly NumberedMessage[]> {
  const records: MessageRecord[] = [];
  for (;;) {
    const before = records[0]?.id;
    const page = await store.messages.list(sessionId, { limit: pageSize, ...(before === undefined ? {} : { before }) });
    records.unshift(...page);
    if (page.length < pageSize) break;
  }
  return records.map((record, index) => ({ number: `m${index + 1}`, record }));
}

/** What was said in the session before this run, oldest run first. */
export async function loadHistory(
  store: Store,
  where: { readonly sessionId: string; readonly runId: string },
): Promise<readonly Exchange[]> {
  return exchangesOf(await numberedMessages(store, where.sessionId), where.runId);
}

/**
 * The exchanges of earlier runs, each run's together even where messages were queued in between. Left out are the current
 * run, messages that wait behind it, and turns that wrote nothing but a plan.
 */
function exchangesOf(messages: readonly NumberedMessage[], currentRunId: string): readonly Exchange[] {
  const runs = new Map<string, NumberedMessage[]>();
  for (const message of messages) {
    const known = runs.get(message.record.runId);
    if (known === undefined) runs.set(message.record.runId, [message]);
    else known.push(message);
  }
  const order = [...runs.keys()];
  const current = order.indexOf(currentRunId);
  const earlier = order.filter(
    (runId, index) => runId !== currentRunId && (current === -1 || index < current || hasAnswer(runs.get(runId))),
  );
  return earlier.flatMap((runId) => runs.get(runId) ?? []).flatMap(exchangeOf);
}

function hasAnswer(messages: readonly NumberedMessage[] | undefined): boolean {
  return messages?.some(({ record }) => record.role === "assistant") ?? false;
}

function exchangeOf({ number, record }: NumberedMessage): readonly Exchange[] {
  const { role, text, label, runId } = record;
  return text.trim() === "" ? [] : [{ number, role, text, label, runId }];
}
