import {
  type LanguageModel,
  type Orquestra,
  type User,
  builtInTools,
  createOrquestra,
  inMemoryWorkspaceTrust,
  newId,
  openInMemoryStore,
  systemClock,
} from "@orquestra/core";
import { type Command, type EventData, type EventType, type Json, type OrquestraEvent, parseCommand } from "@orquestra/protocol";
import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureOwner } from "../users.ts";

type EventOf<T extends EventType> = Extract<OrquestraEvent, { readonly type: T }>;
/** How a run ended. */
export type RunEnd = EventOf<"run-completed" | "run-failed" | "run-cancelled">;

export interface LiveSession {
  readonly folder: string;
  readonly events: readonly OrquestraEvent[];
  /** Carries a message out to its end, allowing what it asks for; `cancelAfter`: stops it at the first event of that type. */
  run(text: string, options: { readonly signal: AbortSignal; readonly cancelAfter?: EventType }): Promise<RunEnd>;
  close(): Promise<void>;
}

/** Dollars and tokens one message may take before it is stopped. */
const limits = { cost: 0.05, tokens: 60_000, rounds: 8 };

/** A session in a throw-away folder with these files. */
export async function openLiveSession(model: LanguageModel, files: { readonly [name: string]: string }): Promise<LiveSession> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "orquestra-live-")));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const store = openInMemoryStore();
  const owner = await ensureOwner(store, systemClock);
  const trust = inMemoryWorkspaceTrust();
  await trust.set(folder, true);
  const tools = builtInTools({ only: ["list_files", "file_read", "file_edit", "code_search"] });
  const workspaces = { start: folder, list: () => [folder] };
  const models = { defaultModel: model.id, resolve: () => model, list: () => Promise.resolve([]) };
  const orquestra = await createOrquestra({ store, models, trust, tools, workspaces, limits });
  const session = await OpenSession.open(orquestra, owner, folder);
  const close = async (): Promise<void> => {
    await orquestra.close();
    await store.close();
    await rm(folder, { recursive: true });
  };
  return { folder, events: session.events, run: (text, options) => session.run(text, options), close };
}

class OpenSession {
  readonly events: OrquestraEvent[] = [];
  readonly #orquestra: Orquestra;
  readonly #user: User;
  readonly #id: string;
  #heard: () => void = () => undefined;

  private constructor(orquestra: Orquestra, user: User, id: string) {
    this.#orquestra = orquestra;
    this.#user = user;
    this.#id = id;
  }

  static async open(orquestra: Orquestra, user: User, workspace: string): Promise<OpenSession> {
    const created = await orquestra.engine.handle(commandOf("session-create", { workspace }), user);
    const sessionId = textIn(created, "sessionId");
    const session = new OpenSession(orquestra, user, sessionId);
    const attachment = await orquestra.engine.attach({
      sessionId,
      user,
      from: 0,
      deliver: (frame) => {
        if (!("seq" in frame)) return;
        session.events.push(frame);
        session.#heard();
      },
    });
    attachment.start();
    return session;
  }

  async run(text: string, options: { readonly signal: AbortSignal; readonly cancelAfter?: EventType }): Promise<RunEnd> {
    const from = this.events.length;
    const runId = textIn(await this.#command("message-send", { text }), "runId");
    const stop = (): void => void this.#command("run-cancel", { runId }).catch(() => undefined);
    options.signal.addEventListener("abort", stop, { once: true });
    if (options.signal.aborted) stop();
    try {
      for (let next = from; ; next++) {
        const event = await this.#event(next);
        if (event.type === "approval-requested") await this.#answer(event.data);
        if (event.type === options.cancelAfter) stop();
        if (event.type === "run-completed" || event.type === "run-failed" || event.type === "run-cancelled") return event;
      }
    } finally {
      options.signal.removeEventListener("abort", stop);
    }
  }

  /** A limit that is reached is the end of the check: it is not allowed more. */
  async #answer({ approvalId, kind }: EventData<"approval-requested">): Promise<void> {
    await this.#command("approval-respond", { approvalId, decision: kind === "effects" ? "allow_once" : "reject_once" });
  }

  async #event(index: number): Promise<OrquestraEvent> {
    for (;;) {
      const event = this.events[index];
      if (event !== undefined) return event;
      await new Promise<void>((heard) => {
        this.#heard = heard;
      });
    }
  }

  #command(type: string, data: Json): Promise<Json> {
    return this.#orquestra.engine.handle(commandOf(type, data, this.#id), this.#user);
  }
}

function commandOf(type: string, data: Json, sessionId?: string): Command {
  const parsed = parseCommand({ v: 1, id: newId(), type, data, ...(sessionId === undefined ? {} : { sessionId }) });
  if (!parsed.ok) throw new Error(`${type} is no command`);
  return parsed.command;
}

function textIn(reply: Json, name: string): string {
  const value: unknown = typeof reply === "object" && reply !== null ? Reflect.get(reply, name) : undefined;
  if (typeof value !== "string") throw new Error(`the reply has no ${name}`);
  return value;
}
