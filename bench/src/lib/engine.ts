import {
  type AnyTool,
  type Engine,
  type LanguageModel,
  type Orquestra,
  type OrquestraOptions,
  type Store,
  type User,
  createOrquestra,
  newId,
  openInMemoryStore,
} from "@orquestra/core";
import type { CommandData, CommandType, ReplyData } from "@orquestra/protocol";

export const user: User = { id: "bench", tenant: "bench", name: "Bench", metadata: {} };

export interface EngineUnderTest extends Partial<Omit<OrquestraOptions, "models" | "tools">> {
  readonly model: LanguageModel;
  readonly tools: readonly AnyTool[];
  /** In memory where none is given. */
  readonly store?: Store;
}

/** The whole core as a server starts it, with one owner. */
export async function openBenchEngine({ model, store = openInMemoryStore(), ...options }: EngineUnderTest): Promise<Orquestra> {
  const record = { ...user, role: "owner" as const, createdAt: "2026-01-01T00:00:00.000Z" };
  await store.commit({ sessionId: null, events: [], changes: [{ put: "users", record }], at: record.createdAt });
  const models = { defaultModel: model.id, resolve: () => model, list: () => Promise.resolve([]) };
  return createOrquestra({ ...options, models, store });
}

interface Addressed<T extends CommandType> {
  readonly type: T;
  readonly data: CommandData<T>;
  readonly sessionId?: string;
}

export async function command<T extends CommandType>(engine: Engine, addressed: Addressed<T>): Promise<ReplyData<T>> {
  const frame = { v: 1, id: newId(), ...addressed };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- type and data belong together by the signature
  return (await engine.handle(frame as never, user)) as never;
}
