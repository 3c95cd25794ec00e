import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Connect, type OrquestraClient, createClient } from "@orquestra/client";
import { nodeConnect } from "@orquestra/client/node";
import { freePort } from "@orquestra/core/testing";
import type { Trigger } from "../child/kill-switch.ts";
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
  /** Set where several nodes share a Redis. */
  readonly redisUrl?: string;
  /** Absent: one. */
  readonly nodes?: number;
  /** Where the server listens; absent: any free one. */
  readonly port?: number;
  /** Where clients connect; absent: at the server itself. */
  readonly clientPort?: number;
}

/** Servers, their model, the people who talk to them and the world they act on. Everything in it ends with `close`. */
export class World {
  readonly seed: number;
  readonly folder: string;
  readonly outside: Outside;
  readonly model: ClumsyModel;
  readonly servers: readonly [Server, ...Server[]];
  /** While it holds, effects may still happen that nobody sees coming: of a server that stands still and will go on. */
  unsure = false;
  readonly conversations: Conversation[] = [];
  readonly #jobs: Map<number, Job>;
  readonly #clients: ReadonlyMap<UserName, readonly [OrquestraClient, OrquestraClient]>;

  private constructor(parts: Parts) {
    this.seed = parts.seed;
    this.folder = parts.folder;
    this.outside = parts.outside;
    this.model = parts.model;
    this.servers = parts.servers;
    this.#jobs = parts.jobs;
    const clientOf = (user: UserName, first: number): OrquestraClient =>
      createClient({ connect: inTurn(parts.ports, user, first), schedule: (flush) => setImmediate(flush) });
    const both = users.map((user, index) => [user, [clientOf(user, index), clientOf(user, index + 1)]] as const);
    this.#clients = new Map(both);
  }

  static async open(options: WorldOptions): Promise<World> {
    const { seed, nodes = 1, redisUrl = null } = options;
    const folder = await realpath(await mkdtemp(join(tmpdir(), "orquestra-chaos-")));
    const workspace = join(folder, "workspace");
    await mkdir(workspace);
    const ledger = join(folder, "ledger.jsonl");
    const outside = new Outside(new Ledger(ledger), workspace);
    const jobs = new Map<number, Job>();
    const model = await ClumsyModel.start({ seed, outside, jobs });
    const database = options.database ?? { kind: "pglite", folder: join(folder, "data") };
    const start = (port: number): Server => new Server({ port, database, redisUrl, modelUrl: model.url, ledger, workspace });
    const first = options.port ?? (await freePort());
    const others = await Promise.all(Array.from({ length: nodes - 1 }, freePort));
    const servers = [start(first), ...others.map(start)] as const;
    const ports = options.clientPort === undefined ? [first, ...others] : [options.clientPort];
    return new World({ seed, folder, outside, model, servers, jobs, ports });
  }

  /** The only one, or the first of several. */
  get server(): Server {
    return this.servers[0];
  }

  get startCosts(): readonly number[] {
    return this.servers.flatMap(({ startCosts }) => startCosts);
  }

  get messages(): number {
    return this.conversations.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
  }

  async converse(user: UserName): Promise<Conversation> {
    const clients = this.#clients.get(user);
    if (clients === undefined) throw new Error(`there is no ${user}`);
    const [client, witness] = clients;
    const unsure = (): boolean => this.unsure;
    const conversation = await Conversation.open({ client, witness, user, outside: this.outside, unsure });
    this.conversations.push(conversation);
    return conversation;
  }

  newJob(size: JobSize): Job {
    const job = makeJob(this.seed, this.#jobs.size + 1, size);
    this.#jobs.set(job.id, job);
    return job;
  }

  /** Starts a server, again, and has clients without one come at once instead of after their pause. */
  async start(trigger: Trigger | null = null, server = this.server): Promise<number | null> {
    const milliseconds = await server.start(trigger);
    for (const client of this.#everybody) client.reconnect();
    return milliseconds;
  }

  async close(): Promise<void> {
    for (const conversation of this.conversations) conversation.close();
    for (const client of this.#everybody) client.close();
    await Promise.all(this.servers.map((server) => server.end("SIGKILL")));
    await this.model.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  get #everybody(): readonly OrquestraClient[] {
    return [...this.#clients.values()].flat();
  }
}

/** One port after the other, as behind a balancer. */
function inTurn(ports: readonly number[], user: UserName, first: number): Connect {
  let turn = first;
  return (events) => nodeConnect(urlOf(ports[turn++ % ports.length] ?? 0), { token: user })(events);
}

interface Parts {
  readonly seed: number;
  readonly folder: string;
  readonly outside: Outside;
  readonly model: ClumsyModel;
  readonly servers: World["servers"];
  readonly ports: readonly number[];
  readonly jobs: Map<number, Job>;
}
