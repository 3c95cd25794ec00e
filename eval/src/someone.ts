import { type Store, type User, openInMemoryStore } from "@orquestra/core";

/** Who asks: every run belongs to somebody. */
export const someone: User = { id: "eval", tenant: "eval", name: "Eval", metadata: {} };

/** A store in memory that knows them. */
export async function storeWithSomeone(): Promise<Store> {
  const store = openInMemoryStore();
  const at = new Date().toISOString();
  const record = { ...someone, role: "owner", createdAt: at } as const;
  await store.commit({ sessionId: null, events: [], changes: [{ put: "users", record }], at });
  return store;
}
