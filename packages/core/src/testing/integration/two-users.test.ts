import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, type CommandData, type CommandType, type Json, commands, isCommandType } from "@orquestra/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../lib/ids.ts";
import type { Store } from "../../persistence/index.ts";
import { type User, builtInTools } from "../../tools/index.ts";
import { type EngineHarness, type WatchedSession, ada, bob, startEngine } from "../engine-harness.ts";
import { scriptedModel } from "../scripted-model.ts";
import { storeKinds } from "./store-kinds.fixture.ts";
import { type ProjectFolder, changing, plan, projectFolder } from "./scene.fixture.ts";
import { serve } from "./served-engine.fixture.ts";

const stores = await storeKinds();
afterAll(() => stores.stop());

/** What Ada has: ids of everything a command can name. */
interface Things {
  readonly runId: string;
  readonly messageId: string;
  readonly approvalId: string;
  readonly ref: string;
}

type Named = { readonly [T in CommandType]: (things: Things, folder: string) => CommandData<T> };

/** One command of every type that there is, about Ada's things. A new type does not compile until it stands here. */
const attempts: Named = {
  "session-create": () => ({}),
  "session-list": () => ({}),
  "history-search": () => ({ query: "treasure" }),
  "session-attach": () => ({ from: 0 }),
  "session-detach": () => ({}),
  "session-update": () => ({ title: "Mine now", archived: true }),
  "session-delete": () => ({}),
  "message-list": () => ({}),
  "message-send": () => ({ text: "Who is there?" }),
  "queue-update": ({ messageId }) => ({ messageId, remove: true }),
  "output-read": ({ ref }) => ({ ref }),
  "run-cancel": ({ runId }) => ({ runId }),
  "run-steer": ({ runId }) => ({ runId, text: "Do what I say." }),
  "todo-edit": ({ runId }) => ({ runId, todoId: "t2", args: { what: "another" } }),
  "todo-cancel": ({ runId }) => ({ runId, todoId: "t2" }),
  "todo-skip": ({ runId }) => ({ runId, todoId: "t2" }),
  "todo-retry": ({ runId }) => ({ runId, todoId: "t1" }),
  "todo-resolve": ({ runId }) => ({ runId, todoId: "t2", outcome: "done" }),
  "approval-respond": ({ approvalId }) => ({ approvalId, decision: "allow_always" }),
  "checkpoint-diff": ({ runId }) => ({ runId }),
  "checkpoint-restore": ({ runId }) => ({ runId }),
  "workspace-list": () => ({}),
  "workspace-trust": (_, workspace) => ({ workspace, trusted: true }),
  "workspace-files": () => ({ query: "" }),
  "user-get": () => ({}),
  "user-set": () => ({ metadata: { name: "Mallory" } }),
  "preference-list": () => ({}),
  "preference-set": () => ({ key: "tone", text: "rude" }),
  "memory-list": () => ({}),
  "memory-add": () => ({ text: "Bob may do everything." }),
  "memory-update": () => ({ memoryId: "m1", text: "Bob may do everything." }),
  "memory-delete": () => ({ memoryId: "m1" }),
  "memory-resolve": () => ({ memoryId: "m1", accept: true }),
  "model-list": () => ({}),
  "model-connect": () => ({ provider: "openai", key: "made-up" }),
  "tool-list": () => ({}),
  "tool-register": () => ({ name: "x", description: "x", input: {}, effects: [] }),
  "tool-unregister": () => ({ name: "change" }),
  ping: () => ({}),
};

/** These speak of no session: what they do is the user's own, or the server's. */
const aboutNoSession: readonly CommandType[] = [
  "session-create",
  "session-list",
  "history-search",
  "workspace-list",
  "workspace-trust",
  "user-get",
  "user-set",
  "preference-list",
  "preference-set",
  "memory-list",
  "memory-add",
  "memory-update",
  "memory-delete",
  "memory-resolve",
  "model-list",
  "model-connect",
  "tool-list",
  "tool-register",
  "tool-unregister",
  "ping",
];
/** These belong to a connection, so they are tried over one. */
const ofConnections: readonly CommandType[] = ["session-attach", "session-detach"];
const types = Object.keys(commands).filter(isCommandType);
const aboutSessions = types.filter((type) => !aboutNoSession.includes(type) && !ofConnections.includes(type));
const namingThings = aboutSessions.filter((type) =>
  ["runId", "approvalId", "messageId", "ref"].some((name) => name in commands[type].data.shape),
);

const carol: User = { ...ada, tenant: "elsewhere" };

describe.each(stores.kinds)("in a store that is $name, another user's things", ({ open }) => {
  const ledger: string[] = [];
  let store: Store;
  let folder: ProjectFolder;
  let harness: EngineHarness;
  let session: WatchedSession;
  let things: Things;

  /** A run of Ada's that has written a file and waits for an answer, and a message behind it. */
  beforeAll(async () => {
    folder = projectFolder({ "a.md": "the treasure is under the oak\n" });
    const turns = [plan('1. file_write("b.md", "dig here")'), plan('2. change("world")')];
    store = await open();
    harness = await startEngine({
      store,
      model: scriptedModel(turns.map((text) => ({ text }))),
      tools: [...builtInTools({ only: ["file_write"] }), changing(ledger)],
      workspaces: folder.workspaces,
    });
    session = await harness.session({ title: "Where the treasure is" });
    const runId = await session.say("Look for the treasure.");
    const first = await session.until("approval-requested");
    await session.command("approval-respond", { approvalId: first.data.approvalId, decision: "allow_once" });
    const second = await session.until("approval-requested", ({ seq }) => seq > first.seq);
    await session.until("run-waiting", ({ seq }) => seq > second.seq);
    const { messageId } = await session.command("message-send", { text: "And then bury it again." });
    things = { runId, messageId, approvalId: second.data.approvalId, ref: `${runId}/t1` };
  });
  afterAll(async () => {
    await harness.close();
    await store.close();
    folder.remove();
  });

  /** Everything that is Ada's, in the database and outside. */
  async function adasWorld(): Promise<unknown> {
    const { runId } = things;
    const rows = await Promise.all([
      store.events.read(session.id, 0, 10_000),
      store.sessions.get(session.id),
      store.messages.list(session.id, { limit: 1000 }),
      store.runs.list(session.id),
      store.todos.list(runId),
      store.approvals.list(runId),
      store.checkpoints.list(runId),
      store.users.get(ada.id),
      store.rules.list(ada.id),
      store.preferences.list(ada.id),
    ]);
    return { rows, file: readFileSync(join(folder.path, "b.md"), "utf8"), ledger: [...ledger] };
  }

  async function attempt(type: CommandType, user: User, sessionId: string): Promise<Json> {
    const command = { v: 1, id: newId(), type, sessionId, data: attempts[type](things, folder.path) };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- type and data stand beside each other in the table above
    return harness.engine.handle(command as Command, user);
  }

  describe("another user's session", () => {
    it.each(aboutSessions)("is not there for %s", async (type) => {
      const before = await adasWorld();
      await expect(attempt(type, bob, session.id)).rejects.toMatchObject({
        code: "not_found",
        message: "There is no such session.",
      });
      expect(await adasWorld()).toEqual(before);
    });

    it.each(aboutSessions)("is not there for %s by somebody of another tenant, whatever their id", async (type) => {
      const before = await adasWorld();
      await expect(attempt(type, carol, session.id)).rejects.toMatchObject({
        code: "not_found",
        message: "There is no such session.",
      });
      expect(await adasWorld()).toEqual(before);
    });

    it.each(namingThings)("lends nothing to %s in a session of one's own", async (type) => {
      const { sessionId } = await harness.command("session-create", {}, { user: bob });
      const before = await adasWorld();
      await expect(attempt(type, bob, sessionId)).rejects.toMatchObject({ code: "not_found" });
      expect(await adasWorld()).toEqual(before);
    });

    it.each(aboutNoSession)("shows nothing in the reply to %s, and stays as it is", async (type) => {
      const before = await adasWorld();
      const reply = await attempt(type, bob, session.id).then(
        (data) => JSON.stringify(data),
        (error: unknown) => String(error),
      );
      for (const secret of [session.id, things.runId, "treasure"]) expect(reply).not.toContain(secret);
      expect(await adasWorld()).toEqual(before);
    });

    it("cannot be attached to, and nothing of it flows to who tried", async () => {
      const server = await serve(harness.engine);
      const [hers, his] = [await server.connect("ada"), await server.connect("bob")];
      const attach = { id: "attach", type: "session-attach", sessionId: session.id, data: { from: 0 } };
      hers.send(attach);
      his.send(attach);
      expect(await his.reply("attach")).toMatchObject({
        ok: false,
        error: { code: "not_found", message: "There is no such session." },
      });
      his.send({ id: "detach", type: "session-detach", sessionId: session.id, data: {} });
      await his.reply("detach");
      await session.command("session-update", { title: "Where the treasure was" });
      await hers.frame(({ data }) => JSON.stringify(data)?.includes("Where the treasure was"));
      expect(his.frames.map(({ type }) => type)).toEqual(["hello", "reply", "reply"]);
      await server.close();
    });

    it("is not reached through a command id of its owner", async () => {
      const send = (user: User, sessionId: string) =>
        harness.command("message-send", { text: "And a third." }, { user, sessionId, id: "the same id" });
      const hers = await send(ada, session.id);
      await expect(send(bob, session.id)).rejects.toMatchObject({ code: "not_found" });
      const { sessionId } = await harness.command("session-create", {}, { user: bob });
      expect(await send(bob, sessionId)).not.toEqual(hers);
    });
  });
});

it("leaves no command type out", () => {
  expect([...aboutSessions, ...aboutNoSession, ...ofConnections].toSorted()).toEqual(types.toSorted());
  expect(namingThings.length).toBeGreaterThanOrEqual(11);
});
