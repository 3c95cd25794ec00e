import { createClient, type OrquestraClient } from "@orquestra/client";
import { nodeConnect } from "@orquestra/client/node";
import { type TestDatabase, startPostgres } from "@orquestra/core/testing";
import type { OrquestraEvent } from "@orquestra/protocol";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { CliHarness } from "./cli-harness.ts";

const patience = { timeout: 120_000 };
const database = await startPostgres();
if (database === null) console.warn("SKIPPED, a server on PostgreSQL: it was not found. Install it or set DATABASE_URL.");
afterAll(() => database?.stop());

let cli: CliHarness;
beforeEach(() => {
  cli = new CliHarness();
});
afterEach(() => cli.remove());

const environment = ({ url }: TestDatabase) => ({ DATABASE_URL: url, ORQUESTRA_TOKEN: "made-up-owner-token" });

function connect({ origin }: URL): OrquestraClient {
  return createClient({ connect: nodeConnect(`${origin.replace("http", "ws")}/ws`, { token: "made-up-owner-token" }) });
}

/** The first event of that type, old or new. */
function eventOf<T extends OrquestraEvent["type"]>(
  client: OrquestraClient,
  sessionId: string,
  type: T,
): Promise<Extract<OrquestraEvent, { readonly type: T }>> {
  return new Promise((resolve) => {
    const stop = client.session(sessionId).events((event) => {
      if (!isOf(event, type)) return;
      resolve(event);
      queueMicrotask(() => stop());
    });
  });
}

function isOf<T extends OrquestraEvent["type"]>(
  event: OrquestraEvent,
  type: T,
): event is Extract<OrquestraEvent, { readonly type: T }> {
  return event.type === type;
}

describe.skipIf(database === null)("a server on PostgreSQL", () => {
  const db = database ?? { url: "", stop: () => Promise.resolve() };

  it("that was killed with a question open goes on from the answer it gets after its restart", patience, async () => {
    const { cli: killed, launchUrl } = await cli.serve([], { env: environment(db) });
    const before = connect(launchUrl);
    const { sessionId } = await before.command("session-create", { model: "demo" });
    const asked = eventOf(before, sessionId, "approval-requested");
    await before.command("message-send", { text: 'replace "water" with "feed" in notes.md' }, { sessionId });
    const { approvalId } = (await asked).data;
    before.close();
    await killed.stop("SIGKILL");

    const { cli: server, launchUrl: again } = await cli.serve([], { env: environment(db) });
    const after = connect(again);
    expect((await after.command("session-list", {})).items.map((item) => item.sessionId)).toContain(sessionId);
    const done = eventOf(after, sessionId, "run-completed");
    expect(readFileSync(join(cli.project, "notes.md"), "utf8")).toContain("water");
    await after.command("approval-respond", { approvalId, decision: "allow_once" }, { sessionId });
    expect((await done).data.stopReason).toBe("end_turn");
    expect(readFileSync(join(cli.project, "notes.md"), "utf8")).toContain("feed");
    after.close();
    await server.stop();
  });

  it("is the only one of its database", patience, async () => {
    const { cli: first } = await cli.serve([], { env: environment(db) });
    const second = await cli.call(["serve", "--port", "0", "--data-dir", join(cli.home, "other")], { env: environment(db) });
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(
      new RegExp(
        `^orquestra: The database of DATABASE_URL is in use by another server \\(Orquestra, process ${first.child.pid} on `,
      ),
    );
    await first.stop();
    const { cli: third } = await cli.serve(["--data-dir", join(cli.home, "other")], { env: environment(db) });
    await third.stop();
  });
});
