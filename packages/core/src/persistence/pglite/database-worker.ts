import { on } from "node:events";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import { unpackTemplate, writeTemplate } from "./template-files.ts";
import { close, ready, type WorkerTask } from "./worker-task.ts";

/**
 * The thread PGlite runs on, so that a query never holds up the event loop of the server. It takes requests of the PostgreSQL protocol
 * and gives back the answers, byte for byte; the driver on the other side does the rest. What is thrown here ends the worker.
 */
const settings = [
  // Buffers are zeroed at start and never given back: the default of 128 MB costs every process 110 MB it does not need.
  "shared_buffers=32MB",
  // There is no autovacuum to count rows, and plans of prepared statements are kept: one made for an empty table must hold for a full one.
  "enable_seqscan=off",
];
const startParams = [...PGlite.defaultStartParams, ...settings.flatMap((setting) => ["-c", setting])];

/** PGlite without its look at all types at start, a tenth of a second: it would serve its own parsing of values, and here the driver parses. */
class Database extends PGlite {
  override async _initArrayTypes(): Promise<void> {
    await Promise.resolve();
  }
}

const heard: string[] = [];

/** Keeps the last lines of the database's own log: it says there why it cannot start. */
function hear(line: string): boolean {
  heard.push(line);
  if (heard.length > 5) heard.shift();
  return true;
}

async function work(task: WorkerTask, port: MessagePort): Promise<void> {
  if (task.kind === "serve") {
    if (task.template !== null) unpackTemplate(task.template, task.folder);
    const db = await openDatabase(task.folder);
    await serve(db, port);
    await db.close();
  } else {
    const db = await createDatabase();
    await serve(db, port);
    writeTemplate(task.path, await (await db.dumpDataDir("none")).arrayBuffer());
    await db.close();
  }
}

async function openDatabase(folder: string): Promise<PGlite> {
  const db = new Database({ dataDir: folder, startParams, onStderr: hear });
  try {
    await db.waitReady;
    return db;
  } catch (cause) {
    throw new Error(heard.join(" ") || String(cause), { cause });
  }
}

/**
 * An empty database in memory, without what a single embedded one does not need: the two databases that others would be copied from
 * are two thirds of its size, and log segments of 1 MB instead of 16 keep a small database small.
 */
async function createDatabase(): Promise<PGlite> {
  const db = new Database({ dataDir: "memory://", startParams, initDbStartParams: ["--wal-segsize=1"] });
  await db.exec("update pg_database set datistemplate = false where datname in ('template0', 'template1')");
  await db.exec("drop database template0");
  await db.exec("drop database template1");
  return db;
}

/** Answers requests until it is told to close. */
async function serve(db: PGlite, port: MessagePort): Promise<void> {
  const requests = on(port, "message");
  port.postMessage(ready);
  for await (const request of requests) {
    const message: unknown = request[0];
    if (message === close) return;
    if (message instanceof Uint8Array) await answer(db, message, port);
  }
}

async function answer(db: PGlite, request: Uint8Array, port: MessagePort): Promise<void> {
  const chunks: Uint8Array[] = [];
  // The chunks are windows into the memory of the database, so they are copied at once.
  await db.execProtocolRawStream(request, { syncToFs: false, onRawData: (chunk) => chunks.push(chunk.slice()) });
  const reply = new Uint8Array(Buffer.concat(chunks));
  if (reply.length > 0) port.postMessage(reply, [reply.buffer]);
}

if (parentPort === null) throw new Error("this file is the start of a worker thread");
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- this thread is started by the file beside it only; a schema would cost its start 0.3 s
await work(workerData as WorkerTask, parentPort);
