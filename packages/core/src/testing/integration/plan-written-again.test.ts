import type { EventData, OrquestraEvent } from "@orquestra/protocol";
import { describe, expect, it } from "vitest";
import { openInMemoryStore } from "../../persistence/in-memory/index.ts";
import type { RuleRecord, Store } from "../../persistence/index.ts";
import { type EngineHarness, type WatchedSession, startEngine } from "../engine-harness.ts";
import { type ScriptedReply, scriptedModel } from "../scripted-model.ts";
import { type DyingStore, dyingStore, leave, tick } from "./dying-store.fixture.ts";
import { engines } from "./engines.fixture.ts";
import { seededRandom } from "./random.fixture.ts";
import { effectOf, named, stepsOf, toolsOf, written } from "./rewritten-plan.fixture.ts";
import { plan } from "./scene.fixture.ts";

const { folder } = engines();
// oxlint-disable-next-line node/no-process-env -- the seed of a failure to repeat
const random = seededRandom(process.env["ORQUESTRA_TEST_SEED"]);

/** Rules that let everything pass that a rule may let pass. */
function standingRules(): readonly RuleRecord[] {
  const common = {
    userId: "ada",
    workspace: folder.path,
    match: {},
    decision: "allow",
    text: "",
    createdAt: "2026-01-01T00:00:00.000Z",
  } as const;
  return ["put", "send"].map((tool) => ({ ...common, id: `rule-${tool}`, tool }));
}

async function storeWithRules(): Promise<Store> {
  const store = openInMemoryStore();
  const changes = standingRules().map((record) => ({ put: "rules", record }) as const);
  await store.commit({ sessionId: null, events: [], changes, at: "2026-01-01T00:00:00.000Z" });
  return store;
}

interface Scene {
  readonly store: Store;
  readonly ledger: string[];
  readonly replies: (turn: number) => ScriptedReply;
}

async function live({ store, ledger, replies }: Scene): Promise<{ process: DyingStore; engine: EngineHarness }> {
  const process = dyingStore(store);
  const engine = await startEngine({
    store: process.store,
    tools: toolsOf(ledger, () => process.dead),
    model: scriptedModel(({ messages }) => replies(1 + messages.filter(({ role }) => role === "assistant").length)),
    workspaces: folder.workspaces,
    defaultMode: "workspace",
  });
  return { process, engine };
}

/** Says yes to every plan, for the whole plan, beforehand as it were; and no to every repetition. */
async function attend(session: WatchedSession, runId: string, ledger: readonly string[]): Promise<void> {
  const seen = new Set<string>();
  for (let over = false; !over; await tick()) {
    for (const event of session.events) await answer(session, { event, runId, ledger, seen });
    over = session.events.some(({ runId: its, type }) => its === runId && /^run-(completed|failed|cancelled)$/.test(type));
  }
}

interface Asked {
  readonly event: OrquestraEvent;
  readonly runId: string;
  readonly ledger: readonly string[];
  readonly seen: Set<string>;
}

async function answer(session: WatchedSession, { event, runId, ledger, seen }: Asked): Promise<void> {
  const { type, data } = event;
  const isAnswered = (id: string): boolean => session.all("approval-resolved").some((other) => other.data.approvalId === id);
  if (type === "approval-requested" && !seen.has(data.approvalId) && !isAnswered(data.approvalId)) {
    seen.add(data.approvalId);
    const yes = data.kind === "effects";
    const { approvalId } = data;
    const said = yes
      ? ({ decision: "allow_once", scope: "plan" } as const)
      : ({ decision: "allow_once", decisions: notAgain(data, ledger) } as const);
    await session.command("approval-respond", { approvalId, ...said });
  } else if (type === "todo-unknown" && !seen.has(data.todoId)) {
    seen.add(data.todoId);
    const added = session.all("todo-added").findLast((other) => other.data.todo.id === data.todoId);
    const outcome =
      added !== undefined && ledger.includes(named(added.data.todo.tool, added.data.todo.args)) ? "done" : "run_again";
    await session.command("todo-resolve", { runId, todoId: data.todoId, outcome });
  }
}

/** Of a card that asks about repetitions only what has not happened yet is allowed. */
function notAgain({ todos }: EventData<"approval-requested">, ledger: readonly string[]) {
  const tools = new Map([
    ["path", "put"],
    ["to", "send"],
    ["command", "run"],
  ]);
  return Object.fromEntries(
    todos.map(({ todoId, arguments: args }) => {
      const tool = [...tools].find(([name]) => name in args)?.[1] ?? "";
      return [todoId, ledger.includes(named(tool, args)) ? ("reject_once" as const) : ("allow_once" as const)];
    }),
  );
}

describe("a model that writes its whole plan again in other words", () => {
  it("repeats no effect unasked after a process died, after whichever commit it did", async () => {
    for (let round = 0; round < 4; round++) {
      const steps = stepsOf(random);
      const [text, again] = [plan(...written(steps, random, 0)), plan(...written(steps, random, 20))];
      const first = [text, plan('19. look("once more")'), "Done."];
      const slowly = (lines: string): ScriptedReply => ({ text: lines.split(/(?<=\n)/).flatMap((line) => [line, tick()]) });
      for (let lifetime = 1, commits = Infinity; lifetime <= commits; lifetime++) {
        const replies = (turn: number): ScriptedReply => slowly(first[turn - 1] ?? "Done.");
        const scene: Scene = { store: await storeWithRules(), ledger: [], replies };
        const { session, process, runId } = await begin(scene, lifetime);
        const ended = attend(session, runId, scene.ledger).then(() => true);
        if (await Promise.race([ended, process.died.then(() => false)])) commits = process.commits;
        else await goOn({ ...scene, replies: onceThenDone(slowly(again)) }, session.id, runId);
        expect(scene.ledger.toSorted(), `seed ${random.seed}, death after commit ${lifetime}:\n${text}\n${again}`).toEqual(
          steps.map(effectOf).toSorted(),
        );
      }
    }
  });

  it("repeats no effect unasked after its answer broke off, at whichever line it did", async () => {
    for (let round = 0; round < 6; round++) {
      const steps = stepsOf(random);
      const whole = plan(...written(steps, random, 0));
      const again = [1, 2].map((turn) => plan(...written(steps, random, turn * 20)));
      const lines = (again[0] ?? "").split(/(?<=\n)/);
      for (let line = 1; line <= lines.length; line++) {
        const answers: readonly ScriptedReply[] = [
          { text: whole },
          { text: lines.slice(0, line), cut: true },
          { text: again[1] ?? "" },
        ];
        const scene: Scene = {
          store: await storeWithRules(),
          ledger: [],
          replies: (turn) => answers[turn - 1] ?? { text: "Done." },
        };
        const { session, runId, engine } = await begin(scene, Infinity);
        await attend(session, runId, scene.ledger);
        await engine.close();
        expect(scene.ledger.toSorted(), `seed ${random.seed}, cut at line ${line}:\n${whole}\n${again.join("\n")}`).toEqual(
          steps.map(effectOf).toSorted(),
        );
      }
    }
  });

  it("asks with the reason, and a yes lets it happen once more", async () => {
    const answers: readonly ScriptedReply[] = [
      { text: plan('1. put("a.ts", "one")') },
      { text: "Let me", cut: true },
      { text: plan('9. put(text: "two", path: "./a.ts")', '10. put("b.ts")', '11. look("a.ts")') },
    ];
    const scene: Scene = { store: await storeWithRules(), ledger: [], replies: (turn) => answers[turn - 1] ?? { text: "Done." } };
    const { session, runId, engine } = await begin(scene, Infinity);
    const { data } = await session.until("approval-requested");
    expect(data.kind).toBe("repeat");
    expect(data.todos.map(({ todoId, reasons }) => [todoId, reasons])).toEqual([
      ["t9", ["This run was interrupted, and before that put already wrote a.ts. It may be the same step written again."]],
    ]);
    for (const id of ["t10", "t11"]) await session.until("todo-completed", (event) => event.data.todoId === id);
    expect(scene.ledger).toEqual(["put a.ts", "put b.ts"]);
    await session.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
    expect(await session.ended(runId)).toMatchObject({ type: "run-completed" });
    expect(scene.ledger).toEqual(["put a.ts", "put b.ts", "put a.ts"]);
    await engine.close();
  });
});

function onceThenDone(reply: ScriptedReply): () => ScriptedReply {
  let said = false;
  return () => {
    const next = said ? { text: "Done." } : reply;
    said = true;
    return next;
  };
}

/** A session on a folder the person trusts, with a run that has been accepted. */
async function begin(scene: Scene, lifetime: number) {
  const { process, engine } = await live(scene);
  const session = await engine.session();
  process.arm(lifetime);
  leave(session.say("go"));
  await expect.poll(async () => (await scene.store.runs.list(session.id)).length, { interval: 1 }).toBe(1);
  const [run] = await scene.store.runs.list(session.id);
  if (run === undefined) throw new Error("the message was not kept");
  return { process, engine, session, runId: run.id };
}

async function goOn(scene: Scene, sessionId: string, runId: string): Promise<void> {
  const { engine } = await live(scene);
  const session = await engine.watch(sessionId);
  await attend(session, runId, scene.ledger);
  await engine.close();
}
