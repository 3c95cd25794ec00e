import type { CommandData, EventData } from "@orquestra/protocol";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Store } from "../../persistence/index.ts";
import { type EngineHarness, type WatchedSession, startEngine } from "../engine-harness.ts";
import { scriptedModel } from "../scripted-model.ts";
import { auditWith } from "./audit-of.fixture.ts";
import { changing, plan, projectFolder } from "./scene.fixture.ts";
import { storeKinds } from "./store-kinds.fixture.ts";

const stores = await storeKinds();
afterAll(() => stores.stop());

type Card = EventData<"approval-requested"> & { readonly seq: number };

/** A model that asks for the next change with every turn, whatever it is told. */
const insisting = () => scriptedModel("abcdefghijklmnop".split("").map((what) => ({ text: plan(`1. change("${what}")`) })));

describe.each(stores.kinds)(
  "a model that asks again and again, $name,",
  ({ open }) => {
    const folder = projectFolder();
    afterAll(() => folder.remove());
    let store: Store;
    let ledger: string[];
    const harnesses: EngineHarness[] = [];
    beforeEach(async () => {
      store = await open();
      ledger = [];
    });
    afterEach(async () => {
      for (const harness of harnesses.splice(0)) await harness.close();
      await store.close();
    });

    async function start(model = insisting()): Promise<EngineHarness> {
      const harness = await startEngine({ workspaces: folder.workspaces, tools: [changing(ledger)], store, model });
      harnesses.push(harness);
      return harness;
    }

    const answer = (session: WatchedSession, { approvalId }: Card, decision: CommandData<"approval-respond">["decision"]) =>
      session.command("approval-respond", { approvalId, decision });

    async function next(session: WatchedSession, after?: Card): Promise<Card> {
      const { data, seq } = await session.until("approval-requested", (event) => event.seq > (after?.seq ?? 0));
      return { ...data, seq };
    }

    /** Turns down so many cards; resolves with what is asked then. */
    async function turnDown(session: WatchedSession, count: number, first?: Card): Promise<Card> {
      let card = first ?? (await next(session));
      for (let done = 0; done < count; done++) {
        expect(card.kind).toBe("effects");
        await answer(session, card, "reject_once");
        card = await next(session, card);
      }
      return card;
    }

    it("has to wait after five cards that were turned down; who has had enough ends the run, and nothing was done", async () => {
      const harness = await start();
      const session = await harness.session();
      const runId = await session.say("go");
      const pause = await turnDown(session, 5);
      expect(pause).toMatchObject({ kind: "flood", todos: [], question: "It keeps asking: 5 requests were turned down. Go on?" });
      await session.until("run-waiting", ({ seq }) => seq > pause.seq);
      await answer(session, pause, "reject_once");
      expect(await session.ended(runId)).toMatchObject({ type: "run-cancelled" });
      expect(ledger).toEqual([]);
      expect(session.all("turn-started")).toHaveLength(5);
      const rows = await auditWith(store, session.id, { kind: "approval-answered", count: 6 });
      expect(rows.map(({ body }) => [body["kind"], body["decision"]])).toEqual([
        ...Array.from({ length: 5 }, () => ["effects", "reject_once"]),
        ["flood", "reject_once"],
      ]);
      expect(await auditWith(store, session.id, { kind: "approval-requested", count: 6 })).toHaveLength(6);
    });

    it("may ask as often again when it is told to go on", async () => {
      const harness = await start();
      const session = await harness.session();
      const runId = await session.say("go");
      const pause = await turnDown(session, 5);
      await answer(session, pause, "allow_once");
      const again = await turnDown(session, 5, await next(session, pause));
      expect(again.kind).toBe("flood");
      await answer(session, again, "reject_once");
      expect(await session.ended(runId)).toMatchObject({ type: "run-cancelled" });
      expect(session.all("turn-started")).toHaveLength(10);
    });

    it("begins anew with every yes", async () => {
      const harness = await start();
      const session = await harness.session();
      const runId = await session.say("go");
      const fifth = await turnDown(session, 4);
      await answer(session, fifth, "allow_once");
      const pause = await turnDown(session, 5, await next(session, fifth));
      expect(pause.kind).toBe("flood");
      expect(ledger).toEqual(["e"]);
      await session.command("run-cancel", { runId });
      await session.ended(runId);
    });

    it("has to wait after its process has gone, too, and the pause asks once", async () => {
      const first = await start();
      const session = await first.session();
      const runId = await session.say("go");
      const pause = await turnDown(session, 5);
      await session.until("run-waiting", ({ seq }) => seq > pause.seq);
      await harnesses.pop()?.close();
      const second = await start();
      const watched = await second.watch(session.id);
      await answer(watched, pause, "allow_once");
      const after = await next(watched, pause);
      expect(after.kind).toBe("effects");
      expect(watched.all("approval-requested").filter(({ data }) => data.kind === "flood")).toHaveLength(1);
      await watched.command("run-cancel", { runId });
      await watched.ended(runId);
      expect(ledger).toEqual([]);
    });

    it("is not counted for what the person only edits", async () => {
      const harness = await start();
      const session = await harness.session();
      const runId = await session.say("go");
      let card = await next(session);
      for (const what of ["1", "2", "3", "4", "5", "6"]) {
        await session.command("todo-edit", { runId, todoId: "t1", args: { what } });
        card = await next(session, card);
      }
      await answer(session, card, "reject_once");
      expect((await next(session, card)).kind).toBe("effects");
      await session.command("run-cancel", { runId });
      await session.ended(runId);
    });
  },
  60_000,
);
