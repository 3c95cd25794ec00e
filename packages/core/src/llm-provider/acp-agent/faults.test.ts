import { afterEach, describe, expect, it } from "vitest";
import { type StandInEnding, said, scriptedModel, usedTool } from "../../testing/index.ts";
import { createFallbackChain } from "../index.ts";
import { type CursorOnStage, cursorOnStage, endOf, environment, partsOf, request, textOf } from "./agents.fixture.ts";
import { createAcpAgentProvider, createCursorProvider } from "./index.ts";

let opened: CursorOnStage | null = null;

async function open(...args: Parameters<typeof cursorOnStage>): Promise<CursorOnStage> {
  opened = await cursorOnStage(...args);
  return opened;
}

afterEach(async () => {
  const left = opened?.standIn.processes().filter(({ alive }) => alive) ?? [];
  await opened?.close();
  opened = null;
  expect(left, "every process is dead when its turn is over").toEqual([]);
});

/** How a turn ends that begins with some text. */
async function endsLike(ending: StandInEnding, text = "Half."): Promise<string> {
  const { standIn, model } = await open(ending.type === "stall" ? { idleTimeoutMs: 1200 } : {});
  standIn.play([{ rows: text === "" ? [] : [said(text)], ending }]);
  return endOf(await partsOf(model));
}

describe("a turn of an agent", () => {
  it.each([
    ["end_turn", "end stop"],
    ["max_tokens", "end length"],
    ["max_turn_requests", "end length"],
    ["refusal", "end refusal"],
    ["cancelled", "error network retryable: Cursor stopped the turn by itself. Try again."],
  ])("that stops with %s ends as %s", async (reason, expected) => {
    expect(await endsLike({ type: "stop", reason })).toBe(expected);
  });

  it.each<[string, StandInEnding, string, string]>([
    [
      "a crash before anything",
      { type: "exit", code: 3, stderr: "fatal: no luck\n" },
      "",
      "error network retryable: Cursor ended before it had answered (exit code 3). The last it said: fatal: no luck. Try again.",
    ],
    [
      "a crash in the middle",
      { type: "exit", code: 0 },
      "Half.",
      "error network retryable: Cursor ended in the middle of an answer (exit code 0). Try again.",
    ],
    [
      "a key in its last words",
      { type: "exit", code: 1, stderr: "bad header: Bearer sk-made-up-1234567890\n" },
      "",
      "error network retryable: Cursor ended before it had answered (exit code 1). The last it said: bad header: … Try again.",
    ],
    [
      "garbage",
      { type: "garbage" },
      "Half.",
      "error network retryable: Cursor wrote something that cannot be understood. Is the command the right one? Update it, or pick another model.",
    ],
    [
      "silence in the middle",
      { type: "stall" },
      "Half.",
      "error network retryable: Cursor went silent in the middle of an answer. Try again.",
    ],
    [
      "silence from the start",
      { type: "stall" },
      "",
      "error network retryable: Cursor has not answered for 1 s. Try again, or pick another model.",
    ],
    [
      "an error",
      { type: "error", code: -32_603, message: "Internal error" },
      "",
      "error overloaded retryable: Cursor could not answer: Internal error. Try again.",
    ],
    [
      "a limit",
      { type: "error", code: -32_603, message: "You have hit your usage limit" },
      "",
      "error rate_limit: Cursor has reached a limit: You have hit your usage limit. Wait, or pick another model.",
    ],
    [
      "a lapsed login",
      { type: "error", code: -32_603, message: "Not logged in" },
      "",
      "error auth: Cursor is not signed in. Run `agent login`, or set CURSOR_API_KEY.",
    ],
    [
      "too long a prompt",
      { type: "error", code: -32_603, message: "prompt is too long" },
      "",
      "error context_length: The conversation is too long for Cursor. Start a new one, or say less.",
    ],
    [
      "an unknown model",
      { type: "error", code: -32_602, message: "Unknown model" },
      "",
      "error invalid_request: Cursor did not accept the request: Unknown model. Pick another model.",
    ],
  ])("that ends with %s says so in words", async (_what, ending, text, expected) => {
    expect(await endsLike(ending, text)).toBe(expected);
  });

  it("that does not react to being stopped is killed, with what it had started", async () => {
    const { standIn, model } = await open({ cancelMs: 50 });
    standIn.break({ deafTo: "session/cancel", ignoresTerm: true, grandchild: true });
    standIn.play([{ rows: [said("Half.")], ending: { type: "stall" } }]);
    const stop = new AbortController();
    const parts = [];
    for await (const batch of model.stream(request, stop.signal)) {
      parts.push(...batch);
      stop.abort();
    }
    expect(endOf(parts)).toBe("error aborted: The call to Cursor was stopped.");
    const [process] = standIn.processes();
    expect(process?.messages.at(-1)).toMatchObject({ method: "session/cancel" });
    expect(process?.alive).toBe(false);
    await expect.poll(() => standIn.isAlive(process?.grandchild)).toBe(false);
  });

  it("leaves nothing that its agent had started", async () => {
    const { standIn, model } = await open();
    standIn.break({ grandchild: true });
    standIn.play([{ rows: [said("Done.")] }, { rows: [], ending: { type: "exit", code: 1 } }]);
    await partsOf(model);
    await partsOf(model);
    const grandchildren = standIn.processes().map(({ grandchild }) => grandchild);
    expect(grandchildren).toHaveLength(2);
    await expect.poll(() => grandchildren.filter((pid) => standIn.isAlive(pid))).toEqual([]);
  });

  it("is not disturbed by noise on stderr or by a few greetings on stdout", async () => {
    const { standIn, model } = await open();
    standIn.break({ stderrLines: 20_000, greetings: 3 });
    standIn.play([{ rows: [said("Hello.")] }]);
    expect(textOf(await partsOf(model))).toBe("Hello.");
  });
});

describe("an agent that cannot be started", () => {
  it("because it is nowhere is missing, which is a matter of setting up", async () => {
    const provider = createCursorProvider({ command: "no-such-agent", environment });
    expect(endOf(await partsOf(provider.model("auto")))).toMatch(
      /^error auth: Cursor could not be started as no-such-agent\..* Install Cursor's CLI .*ORQUESTRA_CURSOR_COMMAND/,
    );
    await provider.close();
  });

  it("because nobody is signed in says how to", async () => {
    const { standIn, model } = await open();
    standIn.break({ notSignedIn: true });
    const expected = "error auth: Cursor is not signed in. Run `agent login`, or set CURSOR_API_KEY.";
    expect(endOf(await partsOf(model))).toBe(expected);
    standIn.break({ exitAtStart: { code: 1, stderr: "Error: Not logged in\n" } });
    expect(endOf(await partsOf(model))).toBe(expected);
  });

  it("in time is told to be slow, not taken for another program", async () => {
    const { standIn, model } = await open({ sessionMs: 300 });
    standIn.break({ deafTo: "session/new" });
    expect(endOf(await partsOf(model))).toBe(
      "error network retryable: Cursor has not started up for 1 s. Try again, or pick another model.",
    );
  });

  it("before its call is stopped is dead by then", async () => {
    const { standIn, model } = await open();
    standIn.break({ deafTo: "session/new" });
    const stop = new AbortController();
    const parts = partsOf(model, stop.signal);
    await expect.poll(() => standIn.processes()[0]?.messages.length).toBe(2);
    stop.abort();
    expect(endOf(await parts)).toMatch(/^error aborted/);
  });

  it("for once is not asked in another way when it spoke the protocol before", async () => {
    const { standIn, model } = await open();
    standIn.play([{ rows: [said("Hello.")] }, { rows: [said("Hello again.")] }]);
    expect(textOf(await partsOf(model))).toBe("Hello.");
    standIn.break({ exitAtStart: { code: 9, stderr: "broken\n" } });
    expect(endOf(await partsOf(model))).toBe(
      "error network retryable: Cursor ended while it was starting (exit code 9). The last it said: broken. Try again.",
    );
    standIn.break({});
    expect(textOf(await partsOf(model))).toBe("Hello again.");
    expect(standIn.processes().map(({ args }) => args)).toEqual([1, 2, 3].map(() => ["--trust", "acp"]));
  });

  it("makes a chain move on before anybody has seen a part", async () => {
    const { standIn, model } = await open();
    standIn.break({ exitAtStart: { code: 9, stderr: "broken\n" } });
    const other = scriptedModel([{ text: "I can." }], { id: "openai/other" });
    const chain = createFallbackChain([model, other]);
    const parts = await partsOf(chain);
    expect(textOf(parts)).toBe("I can.");
    expect(textOf(parts, "notice")).toMatch(/^Cursor ended before it had answered .* openai\/other is asked instead\.$/);
  });

  it("and has no other way to be asked says what is wrong", async () => {
    const { standIn } = await open();
    standIn.break({ garbageAtStart: true });
    const advice = { missing: "Install it.", signIn: "Sign in." };
    const program = { name: "Parrot", command: standIn.command, args: () => ["acp"], environment, advice };
    const parrot = createAcpAgentProvider({ provider: "parrot", program });
    expect(endOf(await partsOf(parrot.model("any")))).toMatch(
      /^error network retryable: Parrot wrote something that cannot be understood/,
    );
    await parrot.close();
  });
});

describe("a version without the protocol", () => {
  it("is asked in print, with the prompt on its stdin, in the same cage", async () => {
    const { standIn, model } = await open({}, { apiKey: "made-up-cursor-key" });
    standIn.break({ noAcp: true });
    standIn.play([{ rows: [said("One "), usedTool("execute", "ls"), said("two.")] }, { rows: [said("Again.")] }]);
    const parts = await partsOf(model);
    expect(textOf(parts)).toBe("One two.");
    expect(textOf(parts, "own_tool")).toBe(
      "Cursor tried to use a tool of its own (shell); its settings deny it files and commands.",
    );
    expect(endOf(parts)).toBe("end stop");
    const [, printing] = standIn.processes();
    expect(printing?.args.join(" ")).toBe(
      "-p --output-format stream-json --stream-partial-output --mode ask --sandbox enabled --trust",
    );
    expect(printing?.prompt).toContain("You are a test.");
    expect(printing).toMatchObject({ folderEntries: [], folderMode: 0o700, settings: { approvalMode: "allowlist" } });
    expect(textOf(await partsOf(model))).toBe("Again.");
    expect(standIn.processes(), "the protocol is not tried again once print has worked").toHaveLength(3);
  });

  it.each<[string, StandInEnding, string]>([
    ["no last line and exit code 0", { type: "silence" }, "end stop"],
    [
      "no last line and another code",
      { type: "exit", code: 2, stderr: "gone\n" },
      "error network retryable: Cursor ended in the middle of an answer (exit code 2). The last it said: gone. Try again.",
    ],
    [
      "an error in its last line",
      { type: "error", code: 0, message: "usage limit reached" },
      "error rate_limit: Cursor has reached a limit: usage limit reached. Wait, or pick another model.",
    ],
    [
      "garbage",
      { type: "garbage" },
      "error network retryable: Cursor wrote something that cannot be understood. Is the command the right one? Update it, or pick another model.",
    ],
    ["nothing more", { type: "stall" }, "error network retryable: Cursor went silent in the middle of an answer. Try again."],
  ])("that ends with %s", async (_what, ending, expected) => {
    const { standIn, model } = await open(ending.type === "stall" ? { idleTimeoutMs: 3000 } : {});
    standIn.break({ noAcp: true });
    standIn.play([{ rows: [said("Half.")], ending }]);
    expect(endOf(await partsOf(model))).toBe(expected);
  });

  it("is one that speaks another version of it, or something else altogether", async () => {
    for (const fault of [{ version: 2 }, { garbageAtStart: true }, { refuses: "initialize" }] as const) {
      const { standIn, model, close } = await cursorOnStage();
      standIn.break(fault);
      standIn.play([{ rows: [said("In print.")] }]);
      expect(textOf(await partsOf(model))).toBe("In print.");
      await close();
    }
  });

  it("is told to be not signed in", async () => {
    const { standIn, model } = await open();
    standIn.break({ noAcp: true, notSignedIn: true });
    expect(endOf(await partsOf(model))).toMatch(/^error auth: Cursor is not signed in/);
  });
});
