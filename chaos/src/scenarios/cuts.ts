import { type TestServer, freePort, startCuttingProxy } from "@orquestra/core/testing";
import { urlOf } from "../world/wire.ts";
import type { Plan } from "./scenario.ts";
import { underLoad } from "./under-load.ts";

/** Clients reach the server through a line that is cut after the server has done its work, and before they hear of it. */
export async function cutClients(plan: Plan): Promise<"done"> {
  const port = await freePort();
  const proxy = await startCuttingProxy(urlOf(port));
  try {
    const cut = () => Promise.resolve(proxy.cutNextAnswer()).then(() => null);
    return await underLoad(plan, cut, { port, clientPort: Number(new URL(proxy.url).port) });
  } finally {
    await proxy.close();
  }
}

/** The same between the server and its database: a commit that nobody knows of whether it was one. */
export async function cutDatabase(plan: Plan, server: TestServer): Promise<"done"> {
  const proxy = await startCuttingProxy(server.url);
  try {
    const cut = () => Promise.resolve(proxy.cutNextAnswer()).then(() => null);
    return await underLoad(plan, cut, { database: { kind: "postgres", url: proxy.url } });
  } finally {
    await proxy.close();
  }
}
