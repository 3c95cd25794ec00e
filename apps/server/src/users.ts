import { type Clock, CommandError, type Store, type User, type UserRecord, isoTime, newId } from "@orquestra/core";

export type UserStore = Pick<Store, "commit" | "users">;

/** One database has one owner. The fixed id keeps two nodes that start at once from making two. */
const ownerId = "owner";
const tenant = "main";
/** Users a host product vouches for. Ids of this server's own hold no colon, so none of the host's can be one of them. */
const hostTenant = "host";

/** The owner, made at the first start. */
export async function ensureOwner(store: UserStore, clock: Clock): Promise<UserRecord> {
  const known = await store.users.get(ownerId);
  return known ?? (await put(store, { ...newUser(clock), id: ownerId, name: "Owner", role: "owner" }));
}

/** A further user. Throws a CommandError `conflict` when the name is taken. */
export async function addUser(store: UserStore, clock: Clock, name: string): Promise<UserRecord> {
  const ours = (await store.users.list()).filter((user) => user.tenant === tenant);
  const taken = ours.some((user) => user.name.toLowerCase() === name.toLowerCase());
  if (taken) throw new CommandError("conflict", `There is already a user called ${name}.`);
  return await put(store, { ...newUser(clock), id: newId(), name });
}

/** A user as the host product knows one. */
export interface HostUser {
  readonly id: string;
  readonly name?: string | undefined;
  readonly metadata?: UserRecord["metadata"] | undefined;
}

export function hostUserId(id: string): string {
  return `${hostTenant}:${id}`;
}

/** A user of the host product, as it says now: what it leaves out is gone, so that nothing it took back lives on here. */
export async function putHostUser(store: UserStore, clock: Clock, { id, name, metadata }: HostUser): Promise<UserRecord> {
  const known = await store.users.get(hostUserId(id));
  const { createdAt } = known ?? newUser(clock);
  return await put(store, {
    id: hostUserId(id),
    tenant: hostTenant,
    name: name ?? id,
    role: "member",
    metadata: metadata ?? {},
    createdAt,
  });
}

/** A user as the engine knows one. */
export function toUser({ id, tenant: home, name, metadata }: UserRecord): User {
  return { id, tenant: home, name, metadata };
}

function newUser(clock: Clock): Pick<UserRecord, "tenant" | "role" | "metadata" | "createdAt"> {
  return { tenant, role: "member", metadata: {}, createdAt: isoTime(clock) };
}

async function put(store: UserStore, record: UserRecord): Promise<UserRecord> {
  await store.commit({ sessionId: null, events: [], changes: [{ put: "users", record }], at: record.createdAt });
  return record;
}
