import { startPostgresServer } from "@orquestra/core/testing";
import type { OrquestraEvent } from "@orquestra/protocol";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { CliHarness } from "./cli-harness.ts";
import { withClient } from "./connect.ts";
import { eventsUntil } from "./e2e/session-log.ts";
import { talkTo } from "./running-server.ts";

const patience = { timeout: 120_000 };
const database = await startPostgresServer();
if (database === null) console.warn("SKIPPED: the server on PostgreSQL. It was not found: install it.");
afterAll(() => database?.stop());

let cli: CliHarness;
beforeEach(() => {
  cli = new CliHarness();
});
afterEach(() => cli.remove());

const env = { DATABASE_URL: database?.url ?? "" };
const change = 'replace "water" with "feed" in notes.md';

function access({ origin }: URL, token: string) {
  return { server: talkTo(origin, token), token };
}

function ownerToken(): string {
  return readFileSync(join(cli.dataFolder, "token"), "utf8").trim();
}

describe.skipIf(database === null)("a server on PostgreSQL", () => {
  it("that was killed while it asked is followed by one that knows its sessions and takes the answer", patience, async () => {
    const first = await cli.serve([], { env });
    const sessionId = await withClient(access(first.launchUrl, ownerToken()), async (client) => {
      const created = await client.command("session-create", { title: "The plants" });
      await client.command("message-send", { text: change }, created);
      return created.sessionId;
    });
    const log = { origin: first.launchUrl.origin, token: ownerToken(), sessionId };
    const approvalId = approvalIn(await eventsUntil(log, ({ type }) => type === "run-waiting"));
    const bob = (await cli.call(["user", "add", "Bob"], { env })).stdout.trim();
    await first.cli.stop("SIGKILL");

    const second = await cli.serve([], { env });
    await withClient(access(second.launchUrl, bob), async (client) => {
      expect((await client.command("session-list", {})).items).toEqual([]);
      await expect(
        client.command("approval-respond", { approvalId, decision: "allow_once" }, { sessionId }),
      ).rejects.toMatchObject({
        code: "not_found",
        message: "There is no such session.",
      });
    });
    await withClient(access(second.launchUrl, ownerToken()), async (client) => {
      const { items } = await client.command("session-list", {});
      expect(items).toMatchObject([{ sessionId, title: "The plants", status: "waiting" }]);
      await client.command("approval-respond", { approvalId, decision: "allow_once" }, { sessionId });
    });
    const events = await eventsUntil({ ...log, origin: second.launchUrl.origin }, ({ type }) => type === "run-completed");
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(readFileSync(join(cli.project, "notes.md"), "utf8")).toBe("# Notes\nTODO: feed the plants\n");
    await second.cli.stop();
  });

  it("is the only one of its database", patience, async () => {
    const { cli: first } = await cli.serve([], { env });
    const other = ["--data-dir", join(cli.home, "other")];
    const second = await cli.call(["serve", "--port", "0", ...other], { env });
    expect(second).toMatchObject({ code: 1, stdout: "" });
    const holder = `Orquestra, process ${first.child.pid} on `;
    expect(second.stderr).toContain(`orquestra: The database of DATABASE_URL is in use by another server (${holder}`);
    await first.stop();
    const { cli: third } = await cli.serve(other, { env });
    await third.stop();
  });

  it("is not started with a wrong password, and says so in one line without it", patience, async () => {
    const url = database?.guarded("made-up-secret") ?? "";
    const outcome = await cli.call(["serve", "--port", "0"], { env: { DATABASE_URL: url } });
    expect(outcome).toMatchObject({ code: 1, stdout: "" });
    expect(outcome.stderr).toMatch(
      /^orquestra: PostgreSQL at 127\.0\.0\.1:\d+: The database refused the connection \(28P01\)\. Check user, password and name in DATABASE_URL\.\n$/,
    );
  });
});

function approvalIn(events: readonly OrquestraEvent[]): string {
  const card = events.find((event) => event.type === "approval-requested");
  if (card === undefined) throw new Error("nobody was asked");
  return card.data.approvalId;
}
