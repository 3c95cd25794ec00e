import { type TestServer, startPostgresServer } from "@orquestra/core/testing";
import type { Plan } from "./scenario.ts";

/** A scenario on a PostgreSQL server of its own, which it may bring down. Skips aloud where there is none; fails where none may be missing. */
export async function onPostgres(
  plan: Plan,
  run: (server: TestServer) => Promise<"done" | "skipped">,
): Promise<"done" | "skipped"> {
  const server = await startPostgresServer();
  if (server === null) {
    if (process.env["CI"] === "true") throw new Error("PostgreSQL was not found: install it");
    plan.tell("  SKIPPED: PostgreSQL was not found. Install it.");
    return "skipped";
  }
  try {
    return await run(server);
  } finally {
    await server.stop();
  }
}
