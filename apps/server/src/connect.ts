import { OrquestraError } from "@orquestra/core";
import { type OrquestraClient, createClient } from "@orquestra/client";
import { nodeConnect } from "@orquestra/client/node";
import type { ServerAccess } from "./with-server.ts";

/** A client of that server, online; it closes when `use` is done. */
export async function withClient<T>({ server, token }: ServerAccess, use: (client: OrquestraClient) => Promise<T>): Promise<T> {
  const client = createClient({ connect: nodeConnect(`${server.url.replace(/^http/, "ws")}/ws`, { token }) });
  try {
    await online(client);
    return await use(client);
  } finally {
    client.close();
  }
}

function online(client: OrquestraClient): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const state = client.connection.get();
      if (state.status === "connecting") return;
      stop();
      if (state.status === "online") resolve();
      else reject(new OrquestraError("cannot_connect", `Cannot connect to the server: ${state.reason}`));
    };
    const stop = client.connection.subscribe(look);
    look();
  });
}
