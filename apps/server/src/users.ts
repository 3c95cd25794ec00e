import { type Clock, CommandError, type Store, type User, type UserRecord, isoTime, newId } from "@orquestra/core";

export type UserStore = Pick<Store, "commit" | "users">;

/** One database has one owner. The fixed id keeps two nodes that start at once from making two. */
const ownerId = "owner";
const tenant = "main";

/** The owner, made at the first start. */
export async function ensureOwner(store: UserStore, clock: Clock): Promise<UserRecord> {
  const known = await store.users.get(ownerId);
  return known ?? (await put(store, clock, { id: ownerId, name: "Owner", role: "owner" }));
}

/** A further user. Throws a CommandError `conflict` when the name is taken. */
export async function addUser(store: UserStore, clock: Clock, name: string): Promise<UserRecord> {
  const taken = (await store.users.list()).some((user) => user.name.toLowerCase() === name.toLowerCase());
  if (taken) throw new CommandError("conflict", `There is already a user called ${name}.`);
  return await put(store, clock, { id: newId(), name, role: "member" });
}

/** A user as the engine knows one. */
export function toUser({ id, tenant: home, name, metadata }: UserRecord): User {
  return { id, tenant: home, name, metadata };
}

async function put(store: UserStore, clock: Clock, user: Pick<UserRecord, "id" | "name" | "role">): Promise<UserRecord> {
  const at = isoTime(clock);
  const record: UserRecord = { ...user, tenant, metadata: {}, createdAt: at };
  await store.commit({ sessionId: null, events: [], changes: [{ put: "users", record }], at });
  return record;
}
