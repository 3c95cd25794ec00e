import type { Failure } from "@orquestra/protocol";
import { notATodo, readCall } from "./call.ts";
import type { Entry } from "./entry-cutter.ts";
import { isForeignCall, isUnnumberedCall } from "./foreign-call.ts";
import { LineCutter } from "./line-cutter.ts";
import { attempt, failureCodes } from "./plan-error.ts";
import { type PlanFormat, anyIds, idOfTarget } from "./plan-format.ts";
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
    isTodo: (line) => isLineTodo(line, tools),
    isOtherCall: (text) => isForeignCall(text, tools),
    isUnnumbered: (line) => isUnnumberedCall(line, tools),
  };
}

function cutter(ticks: number, options: PlanParserOptions, emit: (part: PlanPart) => void): LineCutter {
  const reader = new TodoReader(options);
  return new LineCutter(ticks, (entry) => emit(readEntry(entry, reader, options.tools)));
}

function readEntry({ call, blocks, problem }: Entry, reader: TodoReader, tools: PlanTools): PlanPart {
  const line = call.trim();
  const head = readHead(line);
  if (head.length === 0) {
    const meant = isUnnumberedCall(line, tools) || isForeignCall(line, tools);
    return invalidLine(line, problem ?? (meant ? unnumbered : notATodo(head)));
  }
  return reader.read({ number: head.number, line, problem, draft: () => draftOf(line, head, blocks) });
}

/** Unlike prose between the lines it was meant as work, so it must not be passed over. */
const unnumbered: Failure = { code: failureCodes.number, message: notATodo({ number: null, tool: null, length: 0 }).message };

function draftOf(line: string, head: TodoHead, blocks: readonly string[]): Draft {
  const call = readCall(line, head);
  const { after, title } = call;
  return { tool: head.tool ?? "", after, title, line, args: (tool, idOf) => bindArguments(call, tool, { idOf, blocks }) };
}

/** Whether a line would be a valid todo, apart from its blocks and from where its references go. */
export function isLineTodo(line: string, tools: PlanTools): boolean {
  const head = readHead(line);
  const { number } = head;
  if (number === null || head.tool === null || tools.find(head.tool) === null) return false;
  return "value" in attempt(() => makeTodo(draftOf(line, head, []), { id: "", number, tools, idOf: idOfTarget }));
}
