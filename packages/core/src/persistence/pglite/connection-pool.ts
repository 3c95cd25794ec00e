import type { Worker } from "node:worker_threads";
import { Pool } from "pg";
import { valueParsers } from "../sql/index.ts";
import { WorkerStream } from "./worker-stream.ts";

/**
 * The driver's pool, with the worker in place of a server. It has one connection, since the database has one session: whoever comes
 * second waits. It is never given up for being idle, since what it prepared would stay behind.
 */
export function poolOf(worker: Worker): Pool {
  return new Pool({
    max: 1,
    idleTimeoutMillis: 0,
    types: valueParsers,
    stream: () => new WorkerStream(worker),
    user: "postgres",
    database: "postgres",
  });
}
