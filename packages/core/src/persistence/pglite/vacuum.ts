import type { Database } from "../sql/index.ts";

const dayMs = 24 * 60 * 60 * 1000;

/**
 * A server of PostgreSQL clears away dead rows by itself, the embedded one does not: here it is done once a day, and when the returned
 * function ends it, for those that never run a day. A failure is left to the next time: nothing is lost by it but room.
 */
export function startVacuum(db: Database): () => Promise<void> {
  const clear = async (): Promise<void> => {
    await db.transaction([{ text: "vacuum", values: [] }]).catch(() => undefined);
  };
  let running = Promise.resolve();
  const timer = setInterval(() => {
    running = clear();
  }, dayMs).unref();
  return async () => {
    clearInterval(timer);
    await running;
    await clear();
  };
}
