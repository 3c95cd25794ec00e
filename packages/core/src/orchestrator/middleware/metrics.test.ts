import { describe, expect, it } from "vitest";
import { ModelError } from "../../llm-provider/index.ts";
import { ToolError } from "../../tools/index.ts";
import { type MetricSink, measureTools, measureTurns } from "./metrics.ts";
import { TestClock, behind, countingTool, partsThrough, scriptedModel } from "./middleware.fixture.ts";

function recorder(): { readonly sink: MetricSink; readonly lines: string[] } {
  const lines: string[] = [];
  const note = (name: string, labels: object, value: number): void => {
    lines.push(`${name} ${Object.values(labels).join(" ")} ${value}`);
  };
  return { lines, sink: { count: note, observe: note } };
}

describe("metrics of tools", () => {
  it("count each call by its outcome, with how long it took", async () => {
    const { sink, lines } = recorder();
    const clock = new TestClock();
    const run = behind([measureTools(sink, clock)]);
    const fine = countingTool({ run: async () => ((clock.time += 250), { said: "tea" }) });
    await run({ tool: fine.tool });
    const away = countingTool({ run: () => Promise.reject(new ToolError("away", "It is away.")) });
    await expect(run({ tool: away.tool })).rejects.toThrow("It is away.");
    const broken = countingTool({ run: () => Promise.reject(new Error("x")) });
    await expect(run({ tool: broken.tool })).rejects.toThrow("x");
    await expect(run({ tool: broken.tool, signal: AbortSignal.abort() })).rejects.toThrow("was stopped");
    expect(lines).toEqual([
      "orquestra_tool_calls_total say completed 1",
      "orquestra_tool_seconds say 0.25",
      "orquestra_tool_calls_total say away 1",
      "orquestra_tool_seconds say 0",
      "orquestra_tool_calls_total say tool_broken 1",
      "orquestra_tool_seconds say 0",
      "orquestra_tool_calls_total say stopped 1",
      "orquestra_tool_seconds say 0",
    ]);
  });
});

describe("metrics of models", () => {
  it("count calls by their end, their tokens, and the time to the first part", async () => {
    const { sink, lines } = recorder();
    const layer = measureTurns(sink, new TestClock());
    await partsThrough([layer], scriptedModel([{ text: "Hi.", usage: { inputTokens: 7, outputTokens: 2 } }]));
    expect(lines.splice(0)).toEqual([
      "orquestra_model_first_part_seconds scripted/model scripted 0",
      "orquestra_tokens_total scripted/model scripted input 7",
      "orquestra_tokens_total scripted/model scripted output 2",
      "orquestra_model_calls_total scripted/model scripted stop 1",
      "orquestra_model_seconds scripted/model scripted 0",
    ]);
    await partsThrough([layer], scriptedModel([{ error: new ModelError("overloaded", "Busy.") }]));
    expect(lines.splice(0)[0]).toBe("orquestra_model_calls_total scripted/model scripted model_overloaded 1");
    await expect(partsThrough([layer], scriptedModel([]))).rejects.toThrow("broke");
    expect(lines.splice(0)[0]).toBe("orquestra_model_calls_total scripted/model scripted model_network 1");
  });
});
