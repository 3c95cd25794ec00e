import type { CommandData, CommandType, EventType, OrquestraEvent, ReplyData } from "@orquestra/protocol";
import { type OrquestraOptions, createOrquestra } from "../create-orquestra.ts";
import { newId } from "../lib/ids.ts";
import type { LanguageModel } from "../llm-provider/index.ts";
import type { Engine, LiveFrame, SessionTransfer } from "../orchestrator/index.ts";
import type { Store } from "../persistence/index.ts";
import { openInMemoryStore } from "../persistence/in-memory/index.ts";
import type { User } from "../tools/index.ts";

export const ada: User = { id: "ada", tenant: "home", name: "Ada", metadata: {} };
export const bob: User = { id: "bob", tenant: "home", name: "Bob", metadata: {} };

export interface HarnessOptions extends Partial<Omit<OrquestraOptions, "models">> {
  readonly model: LanguageModel;
}

type EventOf<T extends EventType> = Extract<OrquestraEvent, { readonly type: T }>;

/** A session under watch: everything that was delivered, in order. */
export interface WatchedSession {
  readonly id: string;
  readonly frames: readonly LiveFrame[];
  readonly events: readonly OrquestraEvent[];
  /** Sends a message; resolves with the run's id. */
  say(text: string, data?: Partial<CommandData<"message-send">>): Promise<string>;
  command<T extends CommandType>(type: T, data: CommandData<T>): Promise<ReplyData<T>>;
  /** The first event of the type (and test) that came or comes after the ones already waited for by the caller's test. */
  until<T extends EventType>(type: T, test?: (event: EventOf<T>) => boolean): Promise<EventOf<T>>;
  /** The end of a run: its last event. */
  ended(runId: string): Promise<OrquestraEvent>;
  all<T extends EventType>(type: T): readonly EventOf<T>[];
  readonly detach: () => void;
}

export interface EngineHarness {
  readonly engine: Engine;
  readonly store: Store;
  readonly transfer: SessionTransfer;
  session(data?: CommandData<"session-create">, user?: User): Promise<WatchedSession>;
  /** Attaches to a session that exists, from the start of its log. */
  watch(sessionId: string, user?: User): Promise<WatchedSession>;
  command<T extends CommandType>(
    type: T,
    data: CommandData<T>,
    options?: { readonly sessionId?: string; readonly user?: User; readonly id?: string },
  ): Promise<ReplyData<T>>;
  close(): Promise<void>;
}

/** An engine with a given model and two users, in this process. The store outlives `close` when it was handed in. */
export async function startEngine({ model, ...options }: HarnessOptions): Promise<EngineHarness> {
  const store = options.store ?? openInMemoryStore();
  for (const user of [ada, bob]) {
    const record = { ...user, role: "owner" as const, createdAt: "2026-01-01T00:00:00.000Z" };
    await store.commit({ sessionId: null, events: [], changes: [{ put: "users", record }], at: record.createdAt });
  }
  const timing = { drainMs: 0, ...options.timing };
  const orquestra = await createOrquestra({ ...options, timing, store, models: model });
  const harness: EngineHarness = {
    engine: orquestra.engine,
    transfer: orquestra.transfer,
    store,
    command: async (type, data, { sessionId, user = ada, id = newId() } = {}) => {
      const command = { v: 1, id, type, data, ...(sessionId === undefined ? {} : { sessionId }) };
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- type and data belong together by the signature
      return (await orquestra.engine.handle(command as never, user)) as never;
    },
    session: async (data = {}, user = ada) => {
      const { sessionId } = await harness.command("session-create", data, { user });
      return harness.watch(sessionId, user);
    },
    watch: (sessionId, user = ada) => watch(harness, sessionId, user),
    close: async () => {
      await orquestra.close();
      if (options.store === undefined) await store.close();
    },
  };
  return harness;
}

async function watch(harness: EngineHarness, id: string, user: User): Promise<WatchedSession> {
  const frames: LiveFrame[] = [];
  const events: OrquestraEvent[] = [];
  const waiting = new Set<() => void>();
  const deliver = (frame: LiveFrame): void => {
    frames.push(frame);
    if ("seq" in frame) events.push(frame);
    for (const look of waiting) look();
  };
  const attachment = await harness.engine.attach({ sessionId: id, user, from: 0, deliver });
  attachment.start();
  const find = <T>(look: () => T | undefined): Promise<T> =>
    new Promise((resolve) => {
      const check = (): void => {
        const found = look();
        if (found === undefined) return;
        waiting.delete(check);
        resolve(found);
      };
      waiting.add(check);
      check();
    });
  const isOf =
    <T extends EventType>(type: T) =>
    (event: OrquestraEvent): event is EventOf<T> =>
      event.type === type;
  return {
    id,
    frames,
    events,
    say: async (text, data = {}) => (await harness.command("message-send", { text, ...data }, { sessionId: id, user })).runId,
    command: (type, data) => harness.command(type, data, { sessionId: id, user }),
    until: (type, test = () => true) => find(() => events.filter(isOf(type)).find(test)),
    ended: (runId) =>
      find(() => events.find((event) => event.runId === runId && /^run-(completed|failed|cancelled)$/.test(event.type))),
    all: (type) => events.filter(isOf(type)),
    detach: () => attachment.detach(),
  };
}

/** A promise that a test resolves by hand. */
export function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
