import type { Json, Mode, OrquestraEvent } from "@orquestra/protocol";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { ModelRequest } from "../../llm-provider/index.ts";
import { openInMemoryStore } from "../../persistence/in-memory/index.ts";
import type { Store } from "../../persistence/index.ts";
import { type AnyTool, defineTool } from "../../tools/index.ts";
import { type EngineHarness, type WatchedSession, startEngine } from "../engine-harness.ts";
import { scriptedModel } from "../scripted-model.ts";
import { type DyingStore, dyingStore, leave, tick } from "./dying-store.fixture.ts";
import { engines } from "./engines.fixture.ts";
import { plan } from "./scene.fixture.ts";

const { folder } = engines();

/** Effects that happened outside, each with what it did. */
type Ledger = string[];

/** Tools of one process: once it is dead nothing of it goes on. */
function toolsOf(ledger: Ledger, process: DyingStore): readonly AnyTool[] {
  const quiet = { critical: [], integrity: "system", timeoutMs: 5000 } as const;
  const alive = async (): Promise<void> => {
    await tick();
    if (process.dead) await new Promise(() => undefined);
  };
  const change = (name: string, idempotent: boolean): AnyTool =>
    defineTool({
      ...quiet,
      name,
      description: "Changes something.",
      effects: ["write"],
      critical: ["what"],
      idempotent,
      undoable: true,
      input: z.object({ what: z.string() }),
      output: z.object({ changed: z.string() }),
      touches: ({ what }) => ({ reads: [], writes: [what] }),
      run: async ({ what }) => {
        await alive();
        ledger.push(`${name} ${what}`);
        await alive();
        return { changed: what };
      },
    });
  const look = defineTool({
    ...quiet,
    name: "look",
    description: "Looks.",
    effects: ["read"],
    input: z.object({ at: z.string() }),
    output: z.object({ parts: z.array(z.string()) }),
    run: async ({ at }) => {
      await alive();
      return { parts: [`${at}-1`, `${at}-2`] };
    },
  });
  return [look, change("change", false), change("put", true)];
}

const first = plan('1. look("a")', '2. look("b")', '3. change("file-a") after 1', "4. change($2.parts[*])", '5. put("settings")');
const second = plan('6. look("c")', '7. change("file-c") after 6');

/** Goes by what has completed: as long as something of a plan has not, it writes all of it again. */
function answerTo({ messages }: ModelRequest): string {
  const told = JSON.stringify(messages);
  const isDone = (title: string): boolean => told.includes(`title=\\"${title}\\" status=\\"completed\\"`);
  if (!["change file-a", "change", "put settings"].every(isDone)) return `First this.\n${first}`;
  return isDone("change file-c") ? "All done." : `Now the rest.\n${second}`;
}

async function live(store: Store, ledger: Ledger, mode: Mode): Promise<{ process: DyingStore; engine: EngineHarness }> {
  const process = dyingStore(store);
  const engine = await startEngine({
    store: process.store,
    tools: toolsOf(ledger, process),
    model: scriptedModel((request) => ({
      text: answerTo(request)
        .split(/(?<=\n)/)
        .flatMap((line) => [line, tick()]),
    })),
    workspaces: folder.workspaces,
    defaultMode: mode,
    retries: { firstDelayMs: 0, maxDelayMs: 0 },
  });
  return { process, engine };
}

/** A person who allows what has not been done yet, and knows from the ledger what has. */
async function attend(session: WatchedSession, runId: string, ledger: Ledger): Promise<void> {
  const isDone = (id: string, shown: Arguments | undefined): boolean => ledger.includes(callOf(session.events, id, shown));
  const asked = new Set<string>();
  const answers = session.events.map(({ type, data }) => (type === "approval-resolved" ? data.approvalId : ""));
  for (let over = false; !over; await tick()) {
    for (const { type, data } of session.events) {
      if (type === "approval-requested" && !asked.has(data.approvalId) && !answers.includes(data.approvalId)) {
        asked.add(data.approvalId);
        const decisions = Object.fromEntries(
          data.todos.map((todo) => [
            todo.todoId,
            isDone(todo.todoId, todo.arguments) ? ("reject_once" as const) : ("allow_once" as const),
          ]),
        );
        await session.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once", decisions });
      } else if (type === "todo-unknown" && !asked.has(data.todoId)) {
        asked.add(data.todoId);
        await session.command("todo-resolve", {
          runId,
          todoId: data.todoId,
          outcome: isDone(data.todoId, data.arguments) ? "done" : "run_again",
        });
      }
    }
    over = session.events.some(({ runId: its, type }) => its === runId && /^run-(completed|failed|cancelled)$/.test(type));
  }
}

interface Arguments {
  readonly [name: string]: Json;
}

/** What a todo does, as the ledger has it: by the arguments a person is shown, else by its own. */
function callOf(events: readonly OrquestraEvent[], id: string, shown: Arguments | undefined): string {
  const added = events.find((event) => event.type === "todo-added" && event.data.todo.id === id);
  if (added?.type !== "todo-added") throw new Error(`there is no ${id}`);
  const { tool, args } = added.data.todo;
  const { what } = shown ?? args;
  return typeof what === "string" ? `${tool} ${what}` : tool;
}

/** Starts that came after the todo's completion. */
function startedAgain(events: readonly OrquestraEvent[]): readonly string[] {
  const completed = new Set<string>();
  return events.flatMap(({ type, data }) => {
    if (type === "todo-completed") completed.add(data.todoId);
    return type === "todo-started" && completed.has(data.todoId) ? [data.todoId] : [];
  });
}

/** The session of a run that dies after so many commits, then is carried on to its end by a second process. */
async function dieAfter(lifetime: number, mode: Mode) {
  const store = openInMemoryStore();
  const ledger: Ledger = [];
  const before = await live(store, ledger, mode);
  const session = await before.engine.session();
  before.process.arm(lifetime);
  leave(session.say("go"));
  const died = before.process.died.then(() => true);
  await expect.poll(async () => (await store.runs.list(session.id)).length).toBe(1);
  const [run] = await store.runs.list(session.id);
  if (run === undefined) throw new Error("the message was not kept");
  const attended = attend(session, run.id, ledger).then(() => false);
  if (!(await Promise.race([died, attended]))) return { commits: before.process.commits, session, ledger, died: false };
  session.detach();
  const after = await live(store, ledger, mode);
  const resumed = await after.engine.watch(session.id);
  await attend(resumed, run.id, ledger);
  await after.engine.close();
  return { commits: lifetime, session: resumed, ledger, died: true };
}

describe.each(["ask", "workspace"] as const)("a run in mode %s whose process dies right after a commit", (mode) => {
  it("goes on to its end, whichever commit it was: nothing that completed runs again, no effect happens twice", async () => {
    const whole = await dieAfter(Infinity, mode);
    expect(whole.died).toBe(false);
    expect(whole.commits).toBeGreaterThan(8);
    const effects = whole.ledger.toSorted();
    expect(effects).toEqual(["change b-1", "change b-2", "change file-a", "change file-c", "put settings"]);
    for (let lifetime = 1; lifetime <= whole.commits; lifetime++) {
      const { session, ledger } = await dieAfter(lifetime, mode);
      const where = `death after commit ${lifetime} of ${whole.commits}`;
      const { events } = session;
      expect(events.at(-1)?.type, where).toBe("run-completed");
      expect(
        events.map(({ seq }) => seq),
        where,
      ).toEqual(events.map((_, index) => index + 1));
      expect(startedAgain(events), where).toEqual([]);
      // What may be done again may be: the others happen once.
      expect(ledger.filter((line) => line.startsWith("change")).toSorted(), where).toEqual(effects.slice(0, 4));
      expect(new Set(ledger), where).toEqual(new Set(effects));
    }
  });
});
