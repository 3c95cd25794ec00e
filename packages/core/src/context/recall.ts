import type { Label } from "@orquestra/protocol";
import type { Store, TodoRecord } from "../persistence/index.ts";
import { numberedMessages } from "./history.ts";
import type { KeptText } from "./kept-text.ts";
import { textOfResult } from "./result-text.ts";

const pattern = /^(?:(m\d+)|(?:(m\d+)\.)?(t\d+(?:\.\d+)?))$/;

/**
 * The whole text behind an id: `m3` a message of the session, `t2` a result of this run, `m3.t2` a result of the run that
 * message belongs to. Null where there is none. Results read as in prompts, so that offsets from there hold.
 */
export async function recallText(
  store: Store,
  where: { readonly sessionId: string; readonly runId: string },
  id: string,
): Promise<KeptText | null> {
  const [, message, runOf, todo] = pattern.exec(id.trim()) ?? [];
  if (message !== undefined) return messageText(store, where.sessionId, message);
  if (todo === undefined) return null;
  const runId = runOf === undefined ? where.runId : ((await find(store, where.sessionId, runOf))?.runId ?? null);
  return runId === null ? null : todoText(store, runId, todo);
}

async function find(store: Store, sessionId: string, number: string) {
  return (await numberedMessages(store, sessionId)).find((message) => message.number === number)?.record ?? null;
}

/** What a person read of it; where that is nothing, the plan. */
async function messageText(store: Store, sessionId: string, number: string): Promise<KeptText | null> {
  const record = await find(store, sessionId, number);
  if (record === null) return null;
  return { text: record.text.trim() === "" ? record.raw : record.text, label: record.label };
}

async function todoText(store: Store, runId: string, id: string): Promise<KeptText | null> {
  const record = await store.todos.get(runId, id);
  const text = record === null ? null : outcome(record);
  return record === null || text === null ? null : { text, label: record.label ?? unlabelled };
}

/** A result nothing labelled could hold anything. */
const unlabelled: Label = { integrity: "outside", confidentiality: [] };

function outcome({ status, result, error, note }: TodoRecord): string | null {
  return status === "completed" ? textOfResult(result) : (error?.message ?? note);
}
