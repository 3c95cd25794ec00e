import type { PlanFormat } from "@orquestra/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { type HarnessOptions, type WatchedSession, startEngine } from "../engine-harness.ts";
import { written } from "../plan-conformance/written-plan.ts";
import { type RecordedRequest, type Reply, type WireServer, startWireServer } from "../wire-server/index.ts";
import { changing, echo, modelAt, plan, projectFolder } from "./scene.fixture.ts";
import { told } from "./told.fixture.ts";

// Models that do not know when to stop: what they write is bounded, and the person is asked or told.

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

interface Scene {
  readonly wire: WireServer;
  readonly session: WatchedSession;
}

async function scene(options: Partial<HarnessOptions> = {}, planFormat: PlanFormat = "lines"): Promise<Scene> {
  const folder = projectFolder({ "a.md": "one\n" });
  closers.push(() => folder.remove());
  const wire = await startWireServer();
  closers.push(() => wire.close());
  const model = modelAt(wire.url, { tools: planFormat === "tools" });
  const harness = await startEngine({ tools: [echo, changing([])], workspaces: folder.workspaces, ...options, model });
  closers.push(() => harness.close());
  return { wire, session: await harness.session({ planFormat }) };
}

/** The question of a limit, answered with no; resolves when the run has ended for it. */
async function refuse(session: WatchedSession, runId: string): Promise<string | undefined> {
  const { data } = await session.until("approval-requested");
  expect(data.kind).toBe("budget");
  await session.command("approval-respond", { approvalId: data.approvalId, decision: "reject_once" });
  expect(await session.ended(runId)).toMatchObject({ type: "run-completed", data: { stopReason: "budget" } });
  return data.question;
}

const fast = { tokensPerSecond: 20_000 };

describe("a model that never stops", () => {
  it("planning is read up to the limit of todos; then the person is asked", async () => {
    const { wire, session } = await scene({ limits: { todos: 50 } });
    const lines = Array.from({ length: 10_000 }, (_, index) => `${index + 1}. echo("${index}")\n`);
    wire.script([{ text: ["```plan\n", ...lines], ...fast }]);
    const runId = await session.say("go");
    const question = await refuse(session, runId);
    const made = session.all("todo-added").length;
    expect(made).toBeGreaterThanOrEqual(50);
    expect(made).toBeLessThan(2_000);
    expect(question).toBe(
      `This run has reached its limit of 50 todos: it has made ${made.toLocaleString("en")}. Go on with 50 more?`,
    );
    expect(session.all("todo-completed")).toHaveLength(made);
  });

  it("repeating one line of its plan runs it once, and what it repeats is told once", async () => {
    const { wire, session } = await scene({ limits: { todos: 30 } });
    wire.script([{ text: ["```plan\n", '1. echo("a")\n'], neverEnds: true, ...fast }, { text: "Done." }, { text: "Done." }]);
    await session.ended(await session.say("go"));
    expect(told(session)).toEqual([
      "t1 completed",
      'notice: The model was asked to correct this and did not, so it was not carried out:\n1. echo("a")\nThere is a line 1 already; every line has its own number.',
    ]);
    expect(wire.requests).toHaveLength(3);
  });

  it("talking within its plan is read up to the limit, and is told of in a few words", async () => {
    const { wire, session } = await scene({ limits: { todos: 30 } });
    const prose = Array.from({ length: 40 }, (_, index) => `Now I think of ${index}.\n`);
    wire.script([{ text: ["```plan\n", ...prose, "And so on.\n"], neverEnds: true, ...fast }, { text: "I give up." }]);
    await session.ended(await session.say("go"));
    const notices = told(session);
    expect(notices).toHaveLength(6);
    expect(notices[0]).toContain("Now I think of 0.");
    expect(notices[5]).toMatch(/^notice: There are \d+ more like this\.$/);
    expect(JSON.stringify(wire.requests[1]?.body).length).toBeLessThan(20_000);
  });

  it("answering is read up to the limit of tokens; the person is asked, and after a yes it goes on from there", async () => {
    const { wire, session } = await scene({ limits: { tokens: 3_000 } });
    wire.script([{ text: "word ", neverEnds: true, ...fast }, { text: "And that was it." }]);
    const runId = await session.say("go");
    const { data } = await session.until("approval-requested");
    expect([data.kind, data.question]).toEqual(["budget", expect.stringContaining("limit of 3,000 tokens")]);
    await session.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
    const end = await session.ended(runId);
    expect(end.type === "run-completed" ? end.data : null).toMatchObject({ stopReason: "end_turn" });
    expect(told(session)).toEqual([]);
    expect(JSON.stringify(wire.requests[1]?.body)).toContain("Go on from where it stopped.");
    const [answer, rest] = session.all("message-completed");
    expect(rest?.data.text).toBe("And that was it.");
    expect(answer?.data.text.length).toBeGreaterThan(11_000);
    expect(answer?.data.text.length).toBeLessThan(200_000);
  });

  it.each<PlanFormat>(["lines", "json", "tools"])(
    "planning anew in the format %s, the same or not, is asked at the limit of model calls",
    async (format) => {
      const { wire, session } = await scene({ limits: { rounds: 4 } }, format);
      let number = 0;
      wire.script((): Reply =>
        written({ plan: [{ number: ++number, tool: "echo", args: { value: `round ${number}` } }] }, format),
      );
      const question = await refuse(session, await session.say("go"));
      expect(question).toBe("This run has reached its limit of 4 model calls: it has made 4. Go on with 4 more?");
      expect(told(session)).toEqual(["t1 completed", "t2 completed", "t3 completed", "t4 completed", "run ended: budget"]);
    },
  );

  it("making the same mistake anew is repaired once a plan, and asked at the limit of model calls", async () => {
    const { wire, session } = await scene({ limits: { rounds: 6 } });
    wire.script(() => ({ text: plan("1. echo(") }));
    const question = await refuse(session, await session.say("go"));
    expect(question).toContain("limit of 6 model calls");
    expect(told(session).filter((line) => line.includes("failed"))).toHaveLength(3);
  });
});

describe("more than a todo may hold", () => {
  const huge = "a line of it, and another\n".repeat(12_000);

  it.each<PlanFormat>(["lines", "json", "tools"])(
    "in the format %s are a todo that says it is too long; what is told of it is short",
    async (format) => {
      const { wire, session } = await scene({}, format);
      const reply = written({ plan: [{ number: 1, tool: "change", args: { what: huge } }] }, format);
      wire.script(answeredFirst(reply));
      await session.ended(await session.say("go"));
      const [invalid] = session.all("todo-invalid");
      expect(invalid?.data).toMatchObject({ todoId: "t1", error: { code: "plan_unclosed" } });
      expect(JSON.stringify(session.events.filter(({ type }) => type !== "message-completed")).length).toBeLessThan(40_000);
      expect(told(session).at(-1)).toMatch(/^t1 failed: .*(256 KiB|256 Ki characters)/);
      expect(JSON.stringify(wire.requests.at(-1)?.body).length).toBeLessThan(60_000);
    },
  );

  it("that fit are handed over whole", async () => {
    const { wire, session } = await scene();
    const large = huge.slice(0, 260_000);
    wire.script(answeredFirst(written({ plan: [{ number: 1, tool: "echo", args: { value: large } }] }, "lines")));
    await session.ended(await session.say("go"));
    expect(told(session)).toEqual(["t1 completed"]);
  });
});

function answeredFirst(reply: Reply): (request: RecordedRequest) => Reply {
  let first = true;
  return () => {
    if (!first) return { text: "Done." };
    first = false;
    return reply;
  };
}
