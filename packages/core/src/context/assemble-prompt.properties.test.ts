import { type Label, integrityLevels, joinAll } from "@orquestra/protocol";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type AssembledPrompt, assemblePrompt } from "./assemble-prompt.ts";
import { ContextError } from "./context-error.ts";
import type { PromptInput } from "./prompt-input.ts";
import { exchange, inputOf, preference, readable, result } from "./prompts.fixture.ts";
import { estimatePrompt, estimateTokens } from "./tokens.ts";

const label: fc.Arbitrary<Label> = fc.record({
  integrity: fc.constantFrom(...integrityLevels),
  confidentiality: fc.constantFrom<Label["confidentiality"]>("public", ["user:u1"]),
});
/** Mostly short, now and then far too long. */
const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 40 }) },
  { weight: 1, arbitrary: fc.nat(30_000).map((length) => "data\n".repeat(length / 5)) },
);
const input: fc.Arbitrary<PromptInput> = fc
  .record({
    preferences: fc.array(fc.record({ text: fc.string({ maxLength: 60 }), label }), { maxLength: 3 }),
    rules: fc.option(text),
    history: fc.array(fc.record({ text, label }), { maxLength: 30 }),
    userText: fc.string({ minLength: 1, maxLength: 400 }),
    files: fc.array(fc.record({ text, label }), { maxLength: 3 }),
    turns: fc.array(
      fc.record({
        raw: text,
        calls: fc.array(fc.record({ argument: text, todo: fc.boolean() }), { maxLength: 3 }),
        results: fc.array(fc.record({ value: text, label: fc.option(label) }), { maxLength: 4 }),
      }),
      { maxLength: 5 },
    ),
    steer: fc.option(fc.string({ minLength: 1, maxLength: 100 })),
    budgetTokens: fc.integer({ min: 50, max: 12_000 }),
  })
  .map((parts) =>
    inputOf({
      preferences: parts.preferences.map((it, index) => preference(`key${index}`, it.text, it.label)),
      rulesFile: parts.rules === null ? null : { path: "AGENTS.md", text: parts.rules },
      history: parts.history.map((it, index) => exchange(index + 1, it.text, { label: it.label })),
      run: {
        userText: `THE MESSAGE ${parts.userText}`,
        attachments: parts.files.map((it, index) => ({ path: `file${index}`, ...it })),
        turns: parts.turns.map((turn, number) => ({
          raw: turn.raw,
          calls: turn.calls.map((it, index) => ({
            id: it.todo ? `t${number}${index}` : `x${number}${index}`,
            name: "file_read",
            argumentsText: JSON.stringify({ path: it.argument }),
            problem: it.todo ? null : "It cannot be read.",
          })),
          results: turn.results.map((it, index) => result(`t${number}${index}`, it.value, { label: it.label })),
        })),
        steers: parts.steer === null ? [] : [{ afterTurn: 1, text: `THE STEER ${parts.steer}` }],
      },
      budgetTokens: parts.budgetTokens,
    }),
  );

/** The prompt, or null where it is refused; any other error fails the test. */
function assemble(value: PromptInput): AssembledPrompt | null {
  try {
    return assemblePrompt(value);
  } catch (error) {
    if (error instanceof ContextError) return null;
    throw error;
  }
}

function holds(property: (value: PromptInput) => void): void {
  fc.assert(fc.property(input, property), { numRuns: 200 });
}

test("a prompt is never over its budget, and tells its own size", () => {
  holds((value) => {
    const prompt = assemble(value);
    if (prompt === null) return;
    expect(prompt.tokens).toBeLessThanOrEqual(value.budgetTokens);
    expect(prompt.tokens).toBe(estimatePrompt(prompt.system, prompt.messages));
  });
});

test("what is protected is always whole", () => {
  holds((value) => {
    const prompt = assemble(value);
    if (prompt === null) return;
    const shown = readable(prompt);
    const { current } = value;
    const words = [
      value.instructions,
      value.tools,
      value.environment,
      current.userText,
      ...current.steers.map((steer) => steer.text),
    ];
    for (const whole of [...words, ...value.preferences.map((it) => it.text)]) expect(shown).toContain(whole);
  });
});

test("it is refused only when what is protected does not fit by itself", () => {
  holds((value) => {
    if (assemble(value) !== null) return;
    const { current, budgetTokens, ...rest } = value;
    const bare = inputOf({
      ...rest,
      rulesFile: null,
      history: [],
      run: { ...current, attachments: [], turns: [] },
      budgetTokens: 1e9,
    });
    const last = current.turns.at(-1);
    const shown = last === undefined ? 0 : 1 + last.results.length + 3 * (last.calls?.length ?? 0);
    const kept = 60 + 200 * (shown + current.attachments.length);
    expect(assemblePrompt(bare).tokens + kept + 6 * bare.preferences.length + 40).toBeGreaterThan(budgetTokens);
  });
});

test("its control is the join of what is in it", () => {
  holds((value) => {
    const prompt = assemble(value);
    if (prompt !== null) expect(prompt.control).toEqual(joinAll(prompt.blocks.map((block) => block.label)));
  });
});

test("nothing is left out where everything fits", () => {
  holds((value) => {
    const prompt = assemblePrompt({ ...value, budgetTokens: 1e9 });
    expect(prompt.dropped).toEqual([]);
  });
});

test("roles alternate, and no message is empty", () => {
  holds((value) => {
    const prompt = assemble(value);
    if (prompt === null) return;
    const roles = prompt.messages.map(({ role }) => role);
    expect(roles.every((role, index) => role === "tool" || role !== roles[index - 1])).toBe(true);
    const silent = prompt.messages.filter((message) => message.role === "assistant" && message.text === "");
    expect(silent.every((message) => message.role === "assistant" && message.calls !== undefined)).toBe(true);
  });
});

test("right behind native calls stand their answers, one for each, and nowhere else", () => {
  holds((value) => {
    const messages = assemble(value)?.messages ?? [];
    let open: string[] = [];
    for (const message of messages) {
      if (message.role === "tool") expect(open.shift()).toBe(message.callId);
      else expect(open).toEqual([]);
      if (message.role === "assistant") open = (message.calls ?? []).map(({ id }) => id);
    }
    expect(open).toEqual([]);
  });
});

test("the arguments of native calls stay JSON, however little room there is", () => {
  holds((value) => {
    for (const message of assemble(value)?.messages ?? []) {
      if (message.role !== "assistant") continue;
      for (const { argumentsText } of message.calls ?? []) expect(() => void JSON.parse(argumentsText)).not.toThrow();
    }
  });
});

test("tools that are told natively take their room", () => {
  holds((value) => {
    const tool = { name: "t", description: "x".repeat(400), parameters: {} };
    const prompt = assemble({ ...value, nativeTools: [tool] });
    if (prompt !== null) expect(prompt.tokens - estimatePrompt(prompt.system, prompt.messages)).toBeGreaterThan(100);
    if (prompt !== null) expect(prompt.tokens).toBeLessThanOrEqual(value.budgetTokens);
  });
});

test("four characters are a token, rounded up", () => {
  expect([0, 1, 4, 5, 8, 9].map((length) => estimateTokens("x".repeat(length)))).toEqual([0, 1, 1, 2, 2, 3]);
});
