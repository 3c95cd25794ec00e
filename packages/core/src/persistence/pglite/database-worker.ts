import { on } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import { createDatabaseFolder, ensureTemplate } from "./template.ts";
import { close, ready, workerTaskSchema } from "./worker-task.ts";

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

const heard: string[] = [];

/** Keeps the last lines of the database's own log: it says there why it cannot start. */
function hear(line: string): boolean {
  heard.push(line);
  if (heard.length > 5) heard.shift();
  return true;
}

async function openDatabase(folder: string): Promise<PGlite> {
  if (!existsSync(join(folder, "PG_VERSION"))) await createDatabaseFolder(folder);
  try {
    return await PGlite.create({ dataDir: folder, startParams, onStderr: hear });
  } catch (cause) {
    throw new Error(heard.join(" ") || String(cause), { cause });
  }
}

async function serve(folder: string, port: MessagePort): Promise<void> {
  const db = await openDatabase(folder);
  const requests = on(port, "message");
  port.postMessage(ready);
  for await (const request of requests) {
    const message: unknown = request[0];
    if (message === close) break;
    if (message instanceof Uint8Array) await answer(db, message, port);
  }
  await db.close();
}

async function answer(db: PGlite, request: Uint8Array, port: MessagePort): Promise<void> {
  const chunks: Uint8Array[] = [];
  // The chunks are windows into the memory of the database, so they are copied at once.
  await db.execProtocolRawStream(request, { syncToFs: false, onRawData: (chunk) => chunks.push(chunk.slice()) });
  const reply = new Uint8Array(Buffer.concat(chunks));
  if (reply.length > 0) port.postMessage(reply, [reply.buffer]);
}

if (parentPort === null) throw new Error("this file is the start of a worker thread");
const task = workerTaskSchema.parse(workerData);
if (task.kind === "serve") await serve(task.folder, parentPort);
else await ensureTemplate();
