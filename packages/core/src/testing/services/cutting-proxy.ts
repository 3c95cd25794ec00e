import { once } from "node:events";
import { createServer, connect, type Socket } from "node:net";

export interface CuttingProxy {
  /** The database's URL by way of the proxy. */
  readonly url: string;
  /** Lets requests through, but breaks the connection on which the next answer comes, after so many bytes of it; 0 when absent. */
  cutNextAnswer(after?: number): void;
  close(): Promise<void>;
}

/** A way to a server on which an answer can be lost after the server has done its work. */
export async function startCuttingProxy(databaseUrl: string): Promise<CuttingProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let left = Infinity;
  const server = createServer((client) => {
    const database = connect(Number(target.port), target.hostname);
    for (const socket of [client, database]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => sockets.delete(socket));
    }
    client.pipe(database);
    database.on("close", () => client.destroy());
    client.on("close", () => database.destroy());
    database.on("data", (answer: Buffer) => {
      left -= answer.length;
      if (left > 0) return client.write(answer);
      client.write(answer.subarray(0, answer.length + left), () => client.destroy());
      left = Infinity;
      return database.destroy();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const url = new URL(databaseUrl);
  url.hostname = "127.0.0.1";
  url.port = `${address.port}`;
  return {
    url: url.href,
    cutNextAnswer: (after = 0) => {
      left = after;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
