import { isRunTerminal, isTodoTerminal } from "@orquestra/protocol";
import type { Change } from "../../persistence/index.ts";
import { notCarriedOn } from "./close-runs.ts";
import type { LineData } from "./lines.ts";
import { type Newcomer, importedLabel, importedTodos } from "./renaming.ts";

/** Where imported rows go. */
export interface Destination extends Newcomer {
  readonly sessionId: string;
  /** ISO time of the import. */
  readonly at: string;
}

type Put = Extract<Change, { readonly put: unknown }>;

/** Rows as they come here: they belong to whoever imports them, nobody vouches for their text, and nothing of them is open. */
export const importedRows = {
  run: (data: LineData["run"], { sessionId, user, ids, at }: Destination): Put => {
    const ended = isRunTerminal(data.status);
    const end = ended ? {} : { status: "cancelled" as const, stopReason: "cancelled" as const };
    const names = { id: ids.of(data.id), messageId: ids.of(data.messageId) };
    const home = { sessionId, userId: user.id, owner: null, epoch: 0, endedAt: ended ? (data.endedAt ?? at) : at };
    return { put: "runs", record: { ...data, ...end, ...names, ...home } };
  },
  message: (data: LineData["message"], to: Destination): Put => {
    const { sessionId, ids } = to;
    const names = { id: ids.of(data.id), runId: ids.of(data.runId), sessionId };
    return { put: "messages", record: { ...data, ...names, label: importedLabel(data.label, to) } };
  },
  todo: (data: LineData["todo"], to: Destination): Put => {
    const { sessionId, ids, at } = to;
    const end = isTodoTerminal(data.status) ? {} : { status: "cancelled" as const, note: notCarriedOn, endedAt: at };
    const labels = { control: importedLabel(data.control, to), label: data.label && importedLabel(data.label, to) };
    return { put: "todos", record: { ...data, ...end, ...labels, runId: ids.of(data.runId), sessionId } };
  },
  approval: (data: LineData["approval"], to: Destination): Put => {
    const { sessionId, user, ids, at } = to;
    const id = ids.of(data.id);
    const answer = { ...(data.answer ?? { decision: "reject_once" as const, by: "system" }), approvalId: id };
    const names = { id, runId: ids.of(data.runId), sessionId, userId: user.id, todos: importedTodos(data.todos, to) };
    return {
      put: "approvals",
      record: { ...data, ...names, hashes: {}, rules: {}, answer, answeredAt: data.answeredAt ?? at },
    };
  },
  checkpoint: (data: LineData["checkpoint"], { sessionId, ids }: Destination): Put => {
    const names = { id: ids.of(data.id), runId: ids.of(data.runId), sessionId };
    return { put: "checkpoints", record: { ...data, ...names } };
  },
};
