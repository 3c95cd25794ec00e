import { once } from "node:events";
import { createServer } from "node:http";
import type { Duplex } from "node:stream";
import type { Engine } from "../../orchestrator/index.ts";
import { TestClient } from "../../websocket/gateway-harness.ts";
import { type GatewayLimits, createGateway } from "../../websocket/index.ts";
import { ada, bob } from "../engine-harness.ts";

/** An engine behind a real gateway on 127.0.0.1. Who connects says by the path who they are: `/ada` or `/bob`. */
export interface ServedEngine {
  readonly url: string;
  /** A bare socket that keeps every frame and has had its hello. */
  connect(user?: "ada" | "bob"): Promise<TestClient>;
  /** Breaks every connection of that path as a network does: without a word. */
  cut(path: string): void;
  close(): Promise<void>;
}

export async function serve(engine: Engine, limits: Partial<GatewayLimits> = {}): Promise<ServedEngine> {
  const gateway = createGateway({
    engine,
    admit: async ({ url }) => ({ status: "admitted", user: url?.startsWith("/bob") === true ? bob : ada, scope: null }),
    server: { version: "0.0.0", nodeId: "here" },
    limits,
  });
  const server = createServer();
  const sockets = new Map<Duplex, string>();
  const clients: TestClient[] = [];
  server.on("upgrade", (request, socket, head) => {
    sockets.set(socket, request.url ?? "");
    socket.on("close", () => sockets.delete(socket));
    gateway.handleUpgrade(request, socket, head);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  const url = `ws://127.0.0.1:${address.port}`;
  return {
    url,
    connect: async (user = "ada") => {
      const client = new TestClient(`${url}/${user}`, ["orquestra.v1"], {});
      clients.push(client);
      await client.frame((frame) => frame["type"] === "hello");
      return client;
    },
    cut: (path) => {
      for (const [socket, itsPath] of sockets) if (itsPath === path) socket.destroy();
    },
    close: async () => {
      for (const { socket } of clients) socket.terminate();
      await gateway.close();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
