import { isDeepStrictEqual } from "node:util";
import { type Clock, isoTime } from "../../lib/clock.ts";
import type { Store } from "../../persistence/index.ts";
import type { User } from "../../tools/index.ts";

/** Who uses an engine that nobody else does. */
export const localUser: User = { id: "local", tenant: "local", name: "Local user", metadata: {} };

/** Writes the user's row, where it is not so already. Who is an owner stays one. */
export async function saveUser(store: Pick<Store, "commit" | "users">, clock: Clock, user: User): Promise<void> {
  const { id, tenant, name, metadata } = user;
  const known = await store.users.get(id);
  const { role, createdAt } = known ?? { role: "member" as const, createdAt: isoTime(clock) };
  const record = { id, tenant, name, role, metadata, createdAt };
  if (known !== null && isDeepStrictEqual({ ...known }, record)) return;
  await store.commit({ sessionId: null, events: [], changes: [{ put: "users", record }], at: isoTime(clock) });
}
