import { describe, expect, it } from "vitest";
import { MetricBook } from "./metric-book.ts";

describe("the book of metrics", () => {
  it("adds up what is counted, per combination of labels", () => {
    const book = new MetricBook();
    book.count("orquestra_tool_calls_total", { tool: "shell", outcome: "completed" }, 1);
    book.count("orquestra_tool_calls_total", { tool: "shell", outcome: "completed" }, 2);
    book.count("orquestra_tool_calls_total", { tool: "shell", outcome: "timeout" }, 1);
    expect(book.text()).toBe(
      "# HELP orquestra_tool_calls_total Tool calls, by outcome.\n# TYPE orquestra_tool_calls_total counter\n" +
        'orquestra_tool_calls_total{tool="shell",outcome="completed"} 3\n' +
        'orquestra_tool_calls_total{tool="shell",outcome="timeout"} 1\n',
    );
  });

  it("keeps the number and the sum of what is observed", () => {
    const book = new MetricBook();
    for (const seconds of [0.5, 1.5]) book.observe("orquestra_tool_seconds", { tool: "shell" }, seconds);
    expect(book.text()).toContain('orquestra_tool_seconds_sum{tool="shell"} 2\norquestra_tool_seconds_count{tool="shell"} 2\n');
  });

  it("writes any label so that it stays one", () => {
    const book = new MetricBook();
    book.count("orquestra_tokens_total", { model: 'a"b\\c\nd' }, 1);
    expect(book.text()).toContain('{model="a\\"b\\\\c\\nd"} 1\n');
  });

  it("does not grow with the names that people make up", () => {
    const book = new MetricBook();
    for (let i = 0; i < 1000; i++) book.count("orquestra_tokens_total", { model: `made-up/${i}`, kind: "input" }, 1);
    const lines = book.text().split("\n");
    expect(lines.length).toBeLessThan(210);
    expect(lines).toContain('orquestra_tokens_total{model="other",kind="other"} 800');
  });
});
