import { once } from "node:events";
import { createServer, connect, type Socket } from "node:net";

export interface CuttingProxy {
  /** The database's URL by way of the proxy. */
  readonly url: string;
  /** Lets requests through, but breaks the connection on which the next answer comes, after so many bytes of it; 0 when absent. */
  cutNextAnswer(after?: number): void;
  /** Lets the next commit be carried out, and breaks its connection in place of the answer that says so. */
  loseCommit(): void;
  /** Keeps the next commit and breaks its connection: it is on its way to a server that has not got it yet. Resolves then. */
  strandTransaction(): Promise<void>;
  /** Brings what was kept to the server; resolves when it has answered, which nobody hears. */
  deliver(): Promise<void>;
  /** Breaks the connections of clients; what the server was asked it goes on with. */
  cut(): void;
  close(): Promise<void>;
}

/** How a request and an answer of the protocol end. */
const sync = "S\0\0\0\x04";
const readyForQuery = "Z\0\0\0\x05";
/** A message that prepares what every commit with events ends with, under a name. */
const preparesAppend = /P.{4}([0-9a-f]{32})\0[^\0]*insert into events/gs;

/** A way to a server on which an answer can be lost after the server has done its work. */
export async function startCuttingProxy(databaseUrl: string): Promise<CuttingProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let left = Infinity;
  let losing = false;
  let stranding: (() => void) | null = null;
  const appends = new Set<string>();
  const clients = new Set<Socket>();
  const stranded: (() => Promise<void>)[] = [];
  const server = createServer((client) => {
    const database = connect(Number(target.port), target.hostname);
    for (const socket of [client, database]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => sockets.delete(socket));
    }
    let commits = false;
    const kept: Buffer[] = [];
    client.on("data", (request: Buffer) => {
      const text = request.toString("latin1");
      for (const [, name = ""] of text.matchAll(preparesAppend)) appends.add(name);
      const isCommit = [...appends].some((name) => text.includes(name));
      if (stranding === null || !isCommit) {
        commits ||= isCommit && losing;
        return void database.write(request);
      }
      kept.push(request);
      if (!text.endsWith(sync)) return;
      stranded.push(async () => {
        const answered = once(database, "data");
        database.write(Buffer.concat(kept));
        await answered;
        database.destroy();
      });
      client.off("close", leave).destroy();
      stranding();
      stranding = null;
    });
    clients.add(client);
    const leave = (): void => void database.destroy();
    client.on("close", leave);
    database.on("close", () => client.destroy());
    database.on("data", (answer: Buffer) => {
      if (commits && answer.includes(readyForQuery)) {
        losing = false;
        client.destroy();
        return database.destroy();
      }
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
    loseCommit: () => {
      losing = true;
    },
    strandTransaction: () => new Promise((resolve) => (stranding = resolve)),
    deliver: async () => {
      for (const send of stranded.splice(0)) await send();
    },
    cut: () => {
      for (const client of clients) client.removeAllListeners("close").destroy();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
