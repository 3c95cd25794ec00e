import { once } from "node:events";
import { createServer } from "node:http";
import { type Engine, createGateway } from "@orquestra/core";
import { user } from "./engine.ts";

const unlimited = { perSecond: 1e9, burst: 1e9 };
/** One user stands for a whole team. */
const asMany = {
  socketsPerUser: Number.POSITIVE_INFINITY,
  userConnects: unlimited,
  userCommands: unlimited,
  userMessages: unlimited,
};

/** The engine behind its gateway on a free port of 127.0.0.1; everybody who knocks is the bench's user. Resolves with its URL. */
export async function serveEngine(engine: Engine, nodeId = "bench"): Promise<string> {
  const gateway = createGateway({
    engine,
    admit: () => Promise.resolve({ status: "admitted", user, scope: null }),
    server: { version: "bench", nodeId },
    limits: asMany,
  });
  const server = createServer();
  server.on("upgrade", (request, socket, head) => gateway.handleUpgrade(request, socket, head));
  server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 });
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return `ws://127.0.0.1:${address.port}`;
}
