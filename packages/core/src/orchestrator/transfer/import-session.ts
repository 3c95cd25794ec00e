import { type OrquestraEvent, type SessionState, applyEvent, emptySession, trimSession } from "@orquestra/protocol";
import { CommandError } from "../../lib/error.ts";
import type { Change, SessionRecord, Store } from "../../persistence/index.ts";
import { isProtectedPath, isSecretPath, makesRepository } from "../../tools/index.ts";
import { closingEvents } from "./close-runs.ts";
import { type Destination, importedRows } from "./imported-rows.ts";
import { type Line, type LineData, type LineType, lineOrder } from "./lines.ts";
import { type ReadLine, bad } from "./read-lines.ts";
import { importedEvent, importedState } from "./renaming.ts";

/** What is held back until it is written: characters, rows or events. */
const mostHeld = 1_000_000;
const mostRows = 200;
const snapshotMessages = 50;

export interface ImportPlan extends Destination {
  /** Refuse ids that are here already. */
  readonly refuseKnown: boolean;
  /** What its row becomes. */
  readonly record: (data: LineData["session"]) => SessionRecord;
}

/**
 * Writes a session line by line. Until the last line is there it is an archived session with a title that says so, so that
 * nobody takes a part of it for the whole; `undo` takes away what was written.
 */
export class SessionImport {
  readonly #store: Store;
  readonly #plan: (data: LineData["session"]) => Promise<ImportPlan>;
  readonly #runs = new Set<string>();
  #to: (ImportPlan & { readonly source: LineData["session"] }) | null = null;
  #state: SessionState = emptySession("");
  #changes: Change[] = [];
  #events: OrquestraEvent[] = [];
  #held = 0;
  #place = -1;
  #lines = 1;
  #ended = false;

  constructor(store: Store, plan: (data: LineData["session"]) => Promise<ImportPlan>) {
    this.#store = store;
    this.#plan = plan;
  }

  async take({ line, number, length }: ReadLine): Promise<void> {
    this.#lines++;
    this.#keepOrder(line.type, number);
    this.#held += length;
    try {
      await this.#takeData(line);
    } catch (error) {
      throw error instanceof CommandError && error.code === "bad_request" ? bad(number, error.message) : error;
    }
    if (this.#held > mostHeld || this.#changes.length >= mostRows || this.#events.length >= mostRows) await this.#flush();
  }

  /** Resolves with the id of the session. */
  async finish(): Promise<string> {
    const to = this.#to;
    if (to === null || !this.#ended) throw bad(null, "The file ends too early: a part of the session is missing.");
    await this.#flush();
    const record = to.record(to.source);
    const { title, workspace, mode, archived } = record;
    const events = [
      ...closingEvents(this.#state),
      { type: "session-updated", data: { title, workspace, mode, archived } } as const,
    ];
    const { sessionId, at } = to;
    await this.#store.commit({ sessionId, events, changes: [{ put: "sessions", record }], at });
    return sessionId;
  }

  async undo(): Promise<void> {
    if (this.#to === null) return;
    const { sessionId, at } = this.#to;
    await this.#store.commit({ sessionId: null, events: [], changes: [{ delete: "sessions", id: sessionId }], at });
  }

  #keepOrder(type: LineType, number: number): void {
    const place = lineOrder.indexOf(type);
    const once = type === "session" || type === "snapshot" || type === "end";
    if (this.#ended) throw bad(number, "it stands behind the end.");
    if (place < this.#place || (once && place === this.#place)) throw bad(number, `${type} stands in the wrong place.`);
    if (this.#to === null && type !== "session") throw bad(number, "the session must come first.");
    this.#place = place;
  }

  async #takeData(line: Line): Promise<void> {
    switch (line.type) {
      case "session":
        return await this.#begin(line.data);
      case "snapshot":
        return await this.#takeSnapshot(line.data);
      case "event":
        return await this.#takeEvent(line.data);
      case "end":
        if (line.data.lines !== this.#lines)
          throw bad(null, `${line.data.lines} lines were written, but there are ${this.#lines}: a part is missing.`);
        this.#ended = true;
        return;
      default:
        return await this.#takeRow(line);
    }
  }

  async #begin(source: LineData["session"]): Promise<void> {
    const plan = await this.#plan(source);
    if (plan.refuseKnown && (await this.#store.sessions.get(plan.sessionId)) !== null) throw isHere("session", source.id);
    const record = { ...plan.record(source), title: "An import that is not finished", archived: true };
    this.#state = emptySession(plan.sessionId);
    this.#to = { ...plan, source };
    await this.#store.commit({ sessionId: null, events: [], changes: [{ put: "sessions", record }], at: plan.at });
  }

  async #takeRow(line: Extract<Line, { readonly type: keyof typeof importedRows }>): Promise<void> {
    const to = this.#destination;
    if (line.type === "run") this.#runs.add(line.data.id);
    else if (!this.#runs.has(line.data.runId)) throw bad(null, `${line.type} ${line.data.id} belongs to no run of this file.`);
    if (line.type === "checkpoint" && isOutOfReach(line.data.path)) return;
    if (to.refuseKnown && (await this.#isHere(line))) throw isHere(line.type, line.data.id);
    this.#changes.push(rowOf(line, to));
  }

  async #isHere({ type, data }: Extract<Line, { readonly type: keyof typeof importedRows }>): Promise<boolean> {
    // A todo goes by its run, which is new.
    return type !== "todo" && (await this.#store[`${type}s`].get(data.id)) !== null;
  }

  async #takeSnapshot(state: SessionState): Promise<void> {
    const to = this.#destination;
    if (state.sessionId !== to.source.id) throw bad(null, "the snapshot is of another session.");
    await this.#flush();
    this.#state = trimSession(importedState(state, to), snapshotMessages);
    await this.#store.events.trim(this.#state);
  }

  /** Events of one commit are written as one, so that they keep their time. */
  async #takeEvent(event: OrquestraEvent): Promise<void> {
    const expected = this.#state.seq + this.#events.length + 1;
    if (event.sessionId !== this.#destination.source.id || event.seq !== expected)
      throw bad(null, `event ${expected} of the session should stand here.`);
    if (this.#events[0] !== undefined && this.#events[0].at !== event.at) await this.#flush();
    this.#events.push(event);
  }

  async #flush(): Promise<void> {
    const to = this.#destination;
    const { sessionId, at } = to;
    const [changes, events] = [this.#changes, this.#events];
    this.#changes = [];
    this.#events = [];
    this.#held = 0;
    if (changes.length > 0) await this.#store.commit({ sessionId: null, events: [], changes, at });
    const [first] = events;
    if (first === undefined) return;
    const imported = events.map((event) => importedEvent(event, to));
    const written = await this.#store.commit({ sessionId, events: imported, changes: [], at: first.at });
    this.#state = trimSession(written.reduce(applyEvent, this.#state), snapshotMessages);
  }

  get #destination(): ImportPlan & { readonly source: LineData["session"] } {
    if (this.#to === null) throw new Error("the session comes first");
    return this.#to;
  }
}

/** Undoing writes what stands in the file: nowhere where it could make programs run, or would hold secrets. */
function isOutOfReach(path: string): boolean {
  return isProtectedPath(path) || makesRepository(path) || isSecretPath(path);
}

function rowOf(line: Extract<Line, { readonly type: keyof typeof importedRows }>, to: Destination): Change {
  switch (line.type) {
    case "run":
      return importedRows.run(line.data, to);
    case "message":
      return importedRows.message(line.data, to);
    case "todo":
      return importedRows.todo(line.data, to);
    case "approval":
      return importedRows.approval(line.data, to);
    case "checkpoint":
      return importedRows.checkpoint(line.data, to);
  }
}

function isHere(type: string, id: string): CommandError {
  return new CommandError(
    "conflict",
    `There is a ${type} ${id.slice(0, 100)} here already. Import it --as-new to have a second one beside it.`,
  );
}
