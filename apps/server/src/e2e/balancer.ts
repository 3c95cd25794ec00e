import { once } from "node:events";
import { type Socket, connect, createServer } from "node:net";

export interface Balancer {
  /** `http://127.0.0.1:…`, where the browser goes. */
  readonly origin: string;
  /** The ports of the nodes, tried in this order. */
  ports: readonly number[];
  /** Breaks all connections: whoever had one comes back by way of what `ports` says now. */
  cut(): void;
  close(): Promise<void>;
}

/** One address before several nodes: a connection goes to the first of them that takes it, and stays there. */
export async function startBalancer(): Promise<Balancer> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on("error", () => socket.destroy()).on("close", () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    keep(client);
    const join = ([port, ...others]: readonly number[]): void => {
      if (port === undefined) return void client.destroy();
      const node = keep(connect(port, "127.0.0.1"));
      let joined = false;
      node.once("connect", () => {
        joined = true;
        client.pipe(node).pipe(client);
        client.once("close", () => node.destroy());
      });
      node.once("close", () => (joined ? client.destroy() : join(others)));
    };
    join(balancer.ports);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const balancer: Balancer = {
    origin: `http://127.0.0.1:${address.port}`,
    ports: [],
    cut,
    close: async () => {
      cut();
      server.close();
      await once(server, "close");
    },
  };
  return balancer;
}
