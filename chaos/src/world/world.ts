import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type OrquestraClient, createClient } from "@orquestra/client";
import { nodeConnect } from "@orquestra/client/node";
import { type DatabaseSettings, type UserName, users } from "../child/settings.ts";
import { Conversation } from "./conversation.ts";
import { type Job, type JobSize, makeJob } from "./job.ts";
import { Ledger } from "./ledger.ts";
import { ClumsyModel } from "./model.ts";
import { Outside } from "./outside.ts";
import { Server } from "./server.ts";
import { urlOf } from "./wire.ts";

export interface WorldOptions {
  readonly seed: number;
  /** Absent: an embedded one in the world's own folder. */
  readonly database?: DatabaseSettings;
  /** Where the server listens; absent: any free one. */
  readonly port?: number;
  /** Where clients connect; absent: at the server itself. */
  readonly clientPort?: number;
}

/** One server, its model, the people who talk to it and the world it acts on. Everything in it ends with `close`. */
export class World {
  readonly seed: number;
  readonly folder: string;
  readonly outside: Outside;
  readonly model: ClumsyModel;
  readonly server: Server;
  readonly conversations: Conversation[] = [];
  readonly #jobs: Map<number, Job>;
  readonly #clients: Map<UserName, OrquestraClient>;

  private constructor(parts: Parts) {
    this.seed = parts.seed;
    this.folder = parts.folder;
    this.outside = parts.outside;
    this.model = parts.model;
    this.server = parts.server;
    this.#jobs = parts.jobs;
    const connect = (user: UserName): OrquestraClient =>
      createClient({
        connect: nodeConnect(urlOf(parts.clientPort), { token: user }),
        schedule: (flush) => setImmediate(flush),
      });
    this.#clients = new Map(users.map((user) => [user, connect(user)]));
  }

  static async open({ seed, database, port: given, clientPort }: WorldOptions): Promise<World> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), "orquestra-chaos-")));
    const workspace = join(folder, "workspace");
    await mkdir(workspace);
    const ledgerFile = join(folder, "ledger.jsonl");
    const outside = new Outside(new Ledger(ledgerFile), workspace);
    const jobs = new Map<number, Job>();
    const model = await ClumsyModel.start({ seed, outside, jobs });
    const port = given ?? (await freePort());
    const server = new Server({
      nodeId: "node-1",
      port,
      database: database ?? { kind: "pglite", folder: join(folder, "data") },
      modelUrl: model.url,
      ledger: ledgerFile,
      workspace,
    });
    return new World({ seed, folder, outside, model, server, jobs, clientPort: clientPort ?? port });
  }

  get messages(): number {
    return this.conversations.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
  }

  async converse(user: UserName): Promise<Conversation> {
    const client = this.client(user);
    const conversation = await Conversation.open({ client, user, outside: this.outside });
    this.conversations.push(conversation);
    return conversation;
  }

  newJob(size: JobSize): Job {
    const job = makeJob(this.seed, this.#jobs.size + 1, size);
    this.#jobs.set(job.id, job);
    return job;
  }

  client(user: UserName): OrquestraClient {
    const client = this.#clients.get(user);
    if (client === undefined) throw new Error(`there is no ${user}`);
    return client;
  }

  /** Starts the server, again, and has its clients come back at once instead of after their pause. */
  async start(...args: Parameters<Server["start"]>): Promise<number | null> {
    const milliseconds = await this.server.start(...args);
    for (const client of this.#clients.values()) client.reconnect();
    return milliseconds;
  }

  async close(): Promise<void> {
    for (const conversation of this.conversations) conversation.close();
    for (const client of this.#clients.values()) client.close();
    await this.server.end("SIGKILL");
    await this.model.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

interface Parts extends Required<Pick<WorldOptions, "seed" | "clientPort">> {
  readonly folder: string;
  readonly outside: Outside;
  readonly model: ClumsyModel;
  readonly server: Server;
  readonly jobs: Map<number, Job>;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
