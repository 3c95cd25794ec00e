import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { Client } from "pg";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { startPostgres } from "../services/postgres.ts";
import { programOf } from "../program.ts";

const slowMs = 60_000;
const database = await startPostgres();
if (database === null)
  console.warn("SKIPPED: effects and their intents. PostgreSQL was not found: install it or set DATABASE_URL.");
const url = database?.url ?? "";
const children = new Set<ChildProcess>();
const clients = new Set<Client>();

afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  for (const client of clients) await client.end();
  children.clear();
  clients.clear();
});
afterAll(() => database?.stop());

interface Worker {
  readonly sessionId: string;
  /** Lets the model, or the effect that runs, go on. */
  go(): void;
  /** The next line it says. */
  says(): Promise<string>;
  /** Everything it says from now on until it has closed its engine. */
  close(): Promise<readonly string[]>;
}

async function startWorker(): Promise<Worker> {
  const { execArgv, file } = programOf(new URL("../services/effect-worker.ts", import.meta.url));
  const child = spawn(process.execPath, [...execArgv, file, url], { stdio: ["pipe", "pipe", "inherit"] });
  children.add(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const says = async (): Promise<string> => {
    const line = await lines.next();
    return line.done === true ? "nothing any more" : line.value;
  };
  return {
    sessionId: (await says()).replace("session ", ""),
    go: () => child.stdin.write("go\n"),
    says,
    close: async () => {
      child.stdin.end();
      const said: string[] = [];
      for (let line = await says(); line !== "closed"; line = await says()) said.push(line);
      return said;
    },
  };
}

/** A hand on the session's row, by which its commits are held. */
async function holdCommits(sessionId: string): Promise<{ readonly client: Client; readonly letGo: () => Promise<void> }> {
  const client = new Client({ connectionString: url });
  clients.add(client);
  await client.connect();
  await client.query("begin");
  await client.query("select from sessions where id = $1 for update", [sessionId]);
  return {
    client,
    letGo: async () => {
      await client.query("commit");
    },
  };
}

/** Resolves when a commit waits for the hand. */
async function commitWaits(client: Client): Promise<void> {
  const text = "select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
  const waiting = async (): Promise<unknown> => (await client.query<{ readonly n: number }>(text)).rows[0]?.n;
  await expect.poll(waiting, { timeout: slowMs }).toBe(1);
}

async function started(client: Client, sessionId: string): Promise<readonly unknown[]> {
  const text = "select body->'data'->>'todoId' as todo from events where session_id = $1 and body->>'type' = 'todo-started'";
  return (await client.query<{ readonly todo: string }>(text, [sessionId])).rows.map(({ todo }) => todo);
}

async function newest(client: Client, sessionId: string): Promise<string | undefined> {
  const text = "select body->>'type' as type from events where session_id = $1 order by seq desc limit 1";
  return (await client.query<{ readonly type: string }>(text, [sessionId])).rows[0]?.type;
}

describe.skipIf(database === null)("an effect", () => {
  it("starts behind its own intent and the result it needs, both durable", { timeout: slowMs }, async () => {
    const worker = await startWorker();
    const intent = await holdCommits(worker.sessionId);
    const first = worker.says();
    worker.go();
    await commitWaits(intent.client);
    expect(await started(intent.client, worker.sessionId)).toEqual([]);
    await intent.letGo();
    expect(await first).toBe("t1 acts first: todo-started t1");

    const result = await holdCommits(worker.sessionId);
    const second = worker.says();
    worker.go();
    await commitWaits(result.client);
    expect(await started(result.client, worker.sessionId)).toEqual(["t1"]);
    await result.letGo();
    expect(await second).toBe("t2 acts second: todo-started t1, todo-completed t1, todo-started t2");
    worker.go();
    await expect.poll(() => newest(result.client, worker.sessionId), { timeout: slowMs }).toBe("run-completed");
    expect(await worker.close()).toEqual([]);
  });

  it("never starts where the journal refuses its intent", { timeout: slowMs }, async () => {
    const worker = await startWorker();
    const { client, letGo } = await holdCommits(worker.sessionId);
    worker.go();
    await commitWaits(client);
    await client.query("insert into nodes (id, lease_until) values ('another', now() + interval '1 hour')");
    await client.query("update runs set owner = 'another', epoch = epoch + 1 where session_id = $1", [worker.sessionId]);
    await letGo();
    expect(await worker.close()).toEqual([]);
    expect(await started(client, worker.sessionId)).toEqual([]);
  });
});
