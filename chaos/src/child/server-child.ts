// A server in a process of its own, made of the product's parts: store, engine, gateway. Its tools tell the ledger, its clock can
// jump, and it can be told to die at a step of its journal. Its users' tokens are their names.
import { once } from "node:events";
import { type IncomingMessage, createServer } from "node:http";
import {
  type Admission,
  type Cluster,
  type Store,
  type User,
  builtInTools,
  createGateway,
  createOpenAiModel,
  createOrquestra,
  holdDatabase,
  newId,
  openInMemoryCluster,
  openPGliteStore,
  openPostgresStore,
  openRedisCluster,
} from "@orquestra/core";
import { killSwitch } from "./kill-switch.ts";
import { type DatabaseSettings, type UserName, orderSchema, settingsSchema, users } from "./settings.ts";
import { atRest, chaosTools } from "./tools.ts";
import { Ledger } from "../world/ledger.ts";

const settings = settingsSchema.parse(JSON.parse(process.argv[2] ?? "null"));
const nodeId = newId();
const { store, arm } = killSwitch(await openStore(settings.database), settings.trigger);

let jumped = 0;
process.on("message", (message) => {
  const order = orderSchema.parse(message);
  if (order.type === "arm") arm(order.trigger);
  else if (order.type === "jump") jumped += order.milliseconds;
  else atRest().then(() => process.send?.("rested"), warnOf("it does not come to rest"));
});

const model = createOpenAiModel({
  id: "compatible/chaos",
  provider: "compatible",
  model: "chaos",
  planFormat: "lines",
  baseUrl: settings.modelUrl,
  api: "chat",
});
const cluster = await openCluster(settings.redisUrl);
const orquestra = await createOrquestra({
  store,
  models: model,
  tools: [...builtInTools().filter(({ name }) => name === "file_write"), ...chaosTools(new Ledger(settings.ledger))],
  workspaces: { start: settings.workspace, list: () => [settings.workspace] },
  clock: { now: () => Date.now() + jumped },
  nodeId,
  cluster,
  log: { warn },
});
for (const name of users) await orquestra.saveUser(userOf(name));

const gateway = createGateway({
  engine: orquestra.engine,
  admit: (request) => Promise.resolve(admit(request)),
  server: { version: "0.0.0", nodeId },
  log: (problem, cause) => warnOf(problem)(cause),
});
const server = createServer();
server.on("upgrade", (request, socket, head) => gateway.handleUpgrade(request, socket, head));
server.listen(settings.port, "127.0.0.1");
await once(server, "listening");

// An orphan is of no use to anybody.
process.on("disconnect", () => process.exit(1));
process.on("SIGTERM", () => {
  const close = async (): Promise<void> => {
    await gateway.close();
    await orquestra.close();
    await cluster.close();
    await store.close();
    process.exit(0);
  };
  close().catch((error: unknown) => {
    warnOf("it could not say goodbye")(error);
    process.exit(1);
  });
});

function warn(fields: object, text: string): void {
  console.error(nodeId, text, JSON.stringify(fields));
}

function warnOf(problem: string): (cause: unknown) => void {
  return (cause) => warn({ cause: String(cause) }, problem);
}

async function openCluster(url: string | null): Promise<Cluster> {
  return url === null ? openInMemoryCluster() : openRedisCluster({ url, prefix: "chaos" });
}

async function openStore(database: DatabaseSettings): Promise<Store> {
  if (database.kind === "pglite") return openPGliteStore({ dataFolder: database.folder });
  const shared = settings.redisUrl !== null;
  await holdDatabase({ url: database.url, shared, onTaken: ({ message }) => warn({}, message) });
  return openPostgresStore({ url: database.url });
}

function admit(request: IncomingMessage): Admission {
  const name = users.find((user) => request.headers.authorization === `Bearer ${user}`);
  if (name === undefined) return { status: "refused", code: 401, message: "Say who you are." };
  return { status: "admitted", user: userOf(name), scope: null };
}

function userOf(name: UserName): User {
  return { id: name, tenant: "home", name, metadata: {} };
}
