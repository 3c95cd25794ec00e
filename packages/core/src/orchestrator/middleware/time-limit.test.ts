import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { countingTool, errorOf, partsThrough, runThrough, scriptedModel, tea, textOf } from "./middleware.fixture.ts";
import { limitToolTime, limitTurnTime } from "./time-limit.ts";

const never = new Promise<never>(() => undefined);

/** Ends only when it is told to. */
function patientTool() {
  return countingTool({
    run: async (_args, { signal }) => {
      await once(signal, "abort");
      throw signal.reason;
    },
  });
}

describe("a shorter time for a tool", () => {
  it("tells the tool to stop, and fails the call with how long it took", async () => {
    const { tool } = patientTool();
    await expect(runThrough([limitToolTime({ ms: 20 })], { tool })).rejects.toMatchObject({
      code: "timeout",
      message: "say took longer than 1 s and was stopped.",
    });
  });

  it("leaves tools alone that are not named, and those that are quick enough", async () => {
    const { tool, runs } = countingTool();
    expect(await runThrough([limitToolTime({ ms: 60_000 })], { tool })).toEqual(tea);
    const own = new AbortController();
    expect(await runThrough([limitToolTime({ ms: 0, tools: ["other"] })], { tool, signal: own.signal })).toEqual(tea);
    expect(runs).toHaveLength(2);
  });

  it("does not explain a stop that came from elsewhere", async () => {
    const { tool } = patientTool();
    const stop = new AbortController();
    const call = runThrough([limitToolTime({ ms: 60_000 })], { tool, signal: stop.signal });
    stop.abort(new Error("stopped"));
    await expect(call).rejects.toMatchObject({ message: "The tool broke: stopped" });
  });

  it("does not explain a stop that came while the tool was ending", async () => {
    const stop = new AbortController();
    const { tool } = countingTool({
      run: async (_args, { signal }) => {
        await once(signal, "abort");
        stop.abort();
        throw new Error("stopped in between");
      },
    });
    const call = runThrough([limitToolTime({ ms: 20 })], { tool, signal: stop.signal });
    await expect(call).rejects.toMatchObject({ message: "The tool broke: stopped in between" });
  });
});

describe("a time for a whole model call", () => {
  it("ends a call that takes too long, and keeps what has come", async () => {
    const parts = await partsThrough([limitTurnTime({ ms: 20 })], scriptedModel([{ text: ["Half", never] }]));
    expect(textOf(parts)).toBe("Half");
    expect(errorOf(parts)).toMatchObject({ kind: "network", retryable: true });
    expect(errorOf(parts)?.message).toContain("took longer than 1 s");
    expect(parts.filter(({ type }) => type === "error")).toHaveLength(1);
  });

  it("leaves a call alone that is quick enough", async () => {
    const parts = await partsThrough([limitTurnTime({ ms: 60_000 })], scriptedModel([{ text: "Whole." }]));
    expect(textOf(parts)).toBe("Whole.");
    expect(parts.at(-1)).toEqual({ type: "end", reason: "stop" });
  });

  it("does not explain a stop that came from elsewhere", async () => {
    const parts = await partsThrough([limitTurnTime({ ms: 60_000 })], scriptedModel([]), { signal: AbortSignal.abort() });
    expect(errorOf(parts)?.kind).toBe("aborted");
  });
});
