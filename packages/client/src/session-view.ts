import {
  type Json,
  type MessageState,
  type PartState,
  type RunState,
  type SessionState,
  type TodoState,
  findRun,
} from "@orquestra/protocol";
import type { Touched } from "./touched.ts";

/** Progress by key. */
export type ProgressMap = ReadonlyMap<string, Json>;

/** What readers see: a state, with indexes that find an entity without walking the thread. */
export class SessionView {
  #state: SessionState | null = null;
  #messageIds: readonly string[] = [];
  #messages = new Map<string, MessageState>();
  #runOfPart = new Map<string, string>();
  #progress: ProgressMap = new Map();

  get state(): SessionState | null {
    return this.#state;
  }

  get messageIds(): readonly string[] {
    return this.#messageIds;
  }

  message(messageId: string): MessageState | undefined {
    return this.#messages.get(messageId);
  }

  run(runId: string): RunState | undefined {
    return this.#state === null ? undefined : findRun(this.#state, runId);
  }

  todo(runId: string, todoId: string): TodoState | undefined {
    return this.run(runId)?.todos.find((todo) => todo.id === todoId);
  }

  part(partId: string): PartState | undefined {
    const runId = this.#runOfPart.get(partId);
    return runId === undefined ? undefined : this.run(runId)?.parts.findLast((part) => part.partId === partId);
  }

  progress(key: string): Json | undefined {
    return this.#progress.get(key);
  }

  /** Shows a state that grew out of the one before by frames that touched no more than this. */
  show(state: SessionState, progress: ProgressMap, touched: Touched): void {
    for (const messageId of touched.messageIds) {
      const message = state.messages.findLast((candidate) => candidate.messageId === messageId);
      if (message === undefined) this.#messages.delete(messageId);
      else this.#messages.set(messageId, message);
    }
    for (const [partId, runId] of touched.parts) this.#runOfPart.set(partId, runId);
    this.#replace(state, progress);
  }

  /** Shows a state that came whole. */
  showWhole(state: SessionState, progress: ProgressMap): void {
    this.#messages = new Map(state.messages.map((message) => [message.messageId, message]));
    const runs = [...Object.values(state.endedRuns), ...Object.values(state.activeRuns)];
    this.#runOfPart = new Map(runs.flatMap((run) => run.parts.map(({ partId }) => [partId, run.runId])));
    this.#replace(state, progress);
  }

  #replace(state: SessionState, progress: ProgressMap): void {
    if (this.#state?.messages !== state.messages) this.#messageIds = idsOf(state.messages, this.#messageIds);
    this.#state = state;
    this.#progress = progress;
  }
}

/** The very list of before where nothing came, went or moved. */
function idsOf(messages: readonly MessageState[], before: readonly string[]): readonly string[] {
  const same = before.length === messages.length && messages.every(({ messageId }, index) => messageId === before[index]);
  return same ? before : messages.map(({ messageId }) => messageId);
}
