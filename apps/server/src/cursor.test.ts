import { type OrquestraClient, createClient } from "@orquestra/client";
import { nodeConnect } from "@orquestra/client/node";
import { openInMemoryStore } from "@orquestra/core";
import { type AcpStandIn, type StandInReply, createAcpStandIn, said, thought } from "@orquestra/core/testing";
import type { OrquestraEvent } from "@orquestra/protocol";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readConfig } from "./config.ts";
import { createLog } from "./log.ts";
import { type StartedServer, startServer } from "./start-server.ts";

const token = "made-up-owner-token";

let home: string;
let standIn: AcpStandIn;
let server: StartedServer;
let client: OrquestraClient;

beforeEach(async () => {
  home = realpathSync(mkdtempSync(join(tmpdir(), "orquestra-cursor-")));
  const workspace = join(home, "project");
  mkdirSync(workspace);
  mkdirSync(join(home, ".orquestra"));
  writeFileSync(join(workspace, "a.md"), "TODO: water the plants\n");
  writeFileSync(join(workspace, "b.md"), "TODO: feed the cat\n");
  standIn = await createAcpStandIn();
  const environment = { HOME: home, PATH: "/usr/bin:/bin", OPENAI_API_KEY: "made-up-openai-key" };
  const config = readConfig({ port: "0" }, { ...environment, ORQUESTRA_CURSOR_COMMAND: standIn.command });
  const log = createLog("silent", config.redactor);
  server = await startServer({ config, token, store: openInMemoryStore(), log, workspace, trust: false, announced: false });
  client = createClient({ connect: nodeConnect(`${server.url.replace("http", "ws")}/ws`, { token }) });
});

afterEach(async () => {
  client.close();
  await server.close();
  standIn.close();
  rmSync(home, { recursive: true });
});

/** In pieces as long as Cursor's own. */
function answer(text: string, thinking = "Hm."): StandInReply {
  return { rows: [thought(thinking), ...(text.match(/[^]{1,15}/g) ?? []).map(said)] };
}

/** The events of one message, to the end of its run. */
async function carryOut(text: string): Promise<readonly OrquestraEvent[]> {
  const { sessionId } = await client.command("session-create", { model: "cursor/auto" });
  const events: OrquestraEvent[] = [];
  const over = new Promise<void>((resolve) => {
    client.session(sessionId).events((event) => {
      events.push(event);
      if (/^run-(completed|failed|cancelled)$/.test(event.type)) resolve();
    });
  });
  await client.command("message-send", { text }, { sessionId });
  await over;
  return events;
}

describe("a server with Cursor's program on its machine", () => {
  it("offers Cursor as a model, and starts nothing before somebody picks it", async () => {
    const { items } = await client.command("model-list", {});
    const offered = items.find(({ model }) => model === "cursor/auto");
    expect(offered).toMatchObject({ provider: "cursor", available: true });
    expect(offered?.hint).toContain(standIn.command);
    expect(standIn.processes()).toEqual([]);
  });

  it("plans and answers with it: two reads side by side, their results in the next turn's prompt", async () => {
    const plan = '```plan\n1. file_read("a.md")\n2. file_read("b.md")\n```\n';
    standIn.play([answer(`I read both.\n${plan}`), answer("Water the plants and feed the cat.")]);
    const events = await carryOut("What is to do?");
    const types = events.map(({ type }) => type);
    expect(types.filter((type) => type === "todo-completed")).toHaveLength(2);
    expect(types.at(-1)).toBe("run-completed");
    const texts = events.flatMap((event) => (event.type === "part-closed" ? [event.data.text] : []));
    expect(texts).toContain("Water the plants and feed the cat.");
    const [first, second] = standIn.processes();
    expect(first?.environment).not.toHaveProperty("OPENAI_API_KEY");
    const prompts = [first, second].map((process) => JSON.stringify(process?.messages.at(-1)));
    expect(prompts[0]).toContain("What is to do?");
    expect(prompts[0]).not.toContain("water the plants");
    expect(prompts[1]).toContain("water the plants");
    expect(prompts[1]).toContain("feed the cat");
  });

  it("tells in words what to do when nobody is signed in", async () => {
    standIn.break({ notSignedIn: true });
    const last = (await carryOut("Hello?")).at(-1);
    expect(last).toMatchObject({ type: "run-failed", data: { error: { code: "model_auth" } } });
    expect(JSON.stringify(last)).toContain("Run `agent login`, or set CURSOR_API_KEY.");
  });

  it("leaves no process behind when it is closed in the middle of a turn", async () => {
    standIn.break({ grandchild: true, ignoresTerm: true });
    standIn.play([{ rows: [said("I am at it")], ending: { type: "stall" } }]);
    const { sessionId } = await client.command("session-create", { model: "cursor/auto" });
    await client.command("message-send", { text: "Go." }, { sessionId });
    await expect.poll(() => standIn.processes().map(({ messages }) => messages.length)).toEqual([4, 3]);
    await server.close();
    const all = standIn.processes();
    expect(all.filter(({ alive }) => alive)).toEqual([]);
    await expect.poll(() => all.filter(({ grandchild }) => standIn.isAlive(grandchild))).toEqual([]);
  });
});
