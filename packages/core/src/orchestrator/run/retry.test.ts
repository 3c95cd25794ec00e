import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type AnyTool, defineTool } from "../../tools/index.ts";
import { type RetryPolicy, retryDelay } from "./retry.ts";

const policy: RetryPolicy = { attempts: 3, firstDelayMs: 500, maxDelayMs: 10_000, random: () => 1 };
const error = { code: "away", message: "It is away.", retryable: true };

function tool(idempotent: boolean, effects: AnyTool["effects"] = ["read"]): AnyTool {
  return defineTool({
    name: "call",
    description: "Calls.",
    input: z.object({}),
    output: z.null(),
    effects,
    critical: [],
    integrity: "system",
    idempotent,
    undoable: false,
    timeoutMs: 1000,
    run: () => Promise.resolve(null),
  });
}

describe("a failed call is made again", () => {
  it("up to three times in all, after twice as long each time", () => {
    const delays = [1, 2, 3].map((attempt) => retryDelay({ tool: tool(true), error, attempt }, policy));
    expect(delays).toEqual([500, 1000, null]);
  });

  it("after a delay of which half is chance, and never longer than the longest", () => {
    const delays = [0, 0.5, 1].map((chance) =>
      retryDelay({ tool: tool(true), error, attempt: 1 }, { ...policy, random: () => chance }),
    );
    expect(delays).toEqual([250, 375, 500]);
    expect(retryDelay({ tool: tool(true), error, attempt: 9 }, { ...policy, attempts: 10 })).toBe(10_000);
  });

  it("only when the tool is idempotent and the failure may pass", () => {
    expect(retryDelay({ tool: tool(false), error, attempt: 1 }, policy)).toBeNull();
    expect(retryDelay({ tool: tool(true), error: { ...error, retryable: false }, attempt: 1 }, policy)).toBeNull();
    expect(retryDelay({ tool: tool(true, ["egress"]), error, attempt: 1 }, policy)).toBe(500);
  });

  it("once after a timeout, if it is a read that ended when told to", () => {
    const timeout = { code: "timeout", message: "Too long." };
    expect(retryDelay({ tool: tool(true), error: timeout, attempt: 1 }, policy)).toBe(500);
    expect(retryDelay({ tool: tool(true), error: timeout, attempt: 2 }, policy)).toBeNull();
    expect(retryDelay({ tool: tool(true, ["write"]), error: timeout, attempt: 1 }, policy)).toBeNull();
    expect(retryDelay({ tool: tool(true), error: { ...timeout, retryable: false }, attempt: 1 }, policy)).toBeNull();
  });

  it("not sooner than the other side asked for, and not at all when that is long", () => {
    expect(retryDelay({ tool: tool(true), error: { ...error, retryAfterMs: 3000 }, attempt: 1 }, policy)).toBe(3000);
    expect(retryDelay({ tool: tool(true), error: { ...error, retryAfterMs: 60_000 }, attempt: 1 }, policy)).toBeNull();
  });
});
