import type { Cluster } from "@orquestra/core";
import { Logins, type LoginsOptions } from "./logins.ts";

const channel = "logins-taken-back";

/** Every way in, and what one node takes back is known to all: those that may not have heard of it look again. */
export async function openLogins(options: Omit<LoginsOptions, "announce">, { bus }: Pick<Cluster, "bus">): Promise<Logins> {
  const logins = new Logins({ ...options, announce: (userId) => bus.publish(channel, userId) });
  await bus.subscribe(channel, (userId) => logins.tellTakenBack(userId));
  bus.onGap(() => logins.tellTakenBack(null));
  return logins;
}
