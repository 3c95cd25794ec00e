import { notATodo, readCall } from "./call.ts";
import type { Entry } from "./entry-cutter.ts";
import { LineCutter } from "./line-cutter.ts";
import { attempt } from "./plan-error.ts";
import { type PlanFormat, anyIds, idOfNumber } from "./plan-format.ts";
import type { PlanParserOptions, PlanPart, PlanTools } from "./plan-part.ts";
import { type TodoHead, readHead } from "./todo-head.ts";
import { type Draft, bindArguments, makeTodo } from "./todo-maker.ts";
import { TodoReader, invalidLine } from "./todo-reader.ts";

/** `N. tool(arguments) [after N, M] [# title]`, with blocks. */
export function lineFormat(options: PlanParserOptions): PlanFormat {
  const { tools } = options;
  return {
    cut: (ticks, emit) => cutter(ticks, options, emit),
    rehearse: (emit) => cutter(Infinity, { tools, ...anyIds }, emit),
    isTodo: (line) => isTodo(line, tools),
  };
}

function cutter(ticks: number, options: PlanParserOptions, emit: (part: PlanPart) => void): LineCutter {
  const reader = new TodoReader(options);
  return new LineCutter(ticks, (entry) => emit(readEntry(entry, reader)));
}

function readEntry({ call, blocks, problem }: Entry, reader: TodoReader): PlanPart {
  const line = call.trim();
  const head = readHead(line);
  if (head.length === 0) return invalidLine(line, problem ?? notATodo(head));
  return reader.read({ number: head.number, line, problem, draft: () => draftOf(line, head, blocks) });
}

function draftOf(line: string, head: TodoHead, blocks: readonly string[]): Draft {
  const call = readCall(line, head);
  const { after, title } = call;
  return { tool: head.tool ?? "", after, title, line, args: (tool, idOf) => bindArguments(call, tool, { idOf, blocks }) };
}

function isTodo(line: string, tools: PlanTools): boolean {
  const head = readHead(line);
  const { number } = head;
  if (number === null || head.tool === null || tools.find(head.tool) === null) return false;
  return "value" in attempt(() => makeTodo(draftOf(line, head, []), { id: "", number, tools, idOf: idOfNumber }));
}
