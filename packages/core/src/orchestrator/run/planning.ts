import { type Label, joinLabels } from "@orquestra/protocol";
import type { TurnCall } from "../../context/index.ts";
import type { ModelCall } from "../../llm-provider/index.ts";
import type { TodoRecord } from "../../persistence/index.ts";
import type { ToolRegistry } from "../../tools/index.ts";
import {
  type EntryPart,
  type InvalidLine,
  type NativeCall,
  type PlanParser,
  type PlanPart,
  type PlannedTodo,
  createCallReader,
  createJsonPlanParser,
  createPlanParser,
} from "../plan-language/index.ts";
import { wireTodo } from "./fan-out.ts";
import { planTools } from "./plan-tools.ts";
import { INVALID, type Mistake } from "./mistake.ts";
import type { Run } from "./run.ts";
import { type LiveTodo, firstStatus, isEffect, liveTodo, titleOf } from "./todo-list.ts";
import type { TurnPrompt } from "./turn-prompt.ts";

interface PlanningTurn {
  readonly turn: number;
  readonly prompt: TurnPrompt;
  readonly tools: ToolRegistry;
}

/** What a line says of its todo. */
type Said = Pick<TodoRecord, "tool" | "title" | "args" | "dependsOn" | "effects" | "status" | "error">;

export function startPlanning(run: Run, turn: PlanningTurn): Planning {
  return new Planning(run, turn);
}

/** Turns what the model writes into text for the person and todos for the scheduler, as it comes. */
export class Planning {
  readonly todoIds: string[] = [];
  /** Lines that did not parse and have a number. */
  readonly invalidIds: string[] = [];
  readonly #mistakes: Mistake[] = [];
  /** Lines between the todos that are none: a matter only where no todo came of the plan. */
  readonly #prose: Mistake[] = [];
  /** Ids of this plan's lines, by their numbers. */
  readonly numbers = new Map<number, string>();
  readonly #run: Run;
  readonly #turn: PlanningTurn;
  readonly #parser: PlanParser;
  readonly #readCall: (call: NativeCall) => EntryPart;
  /** Native calls in their order; the id of each is that of its todo. */
  readonly calls: TurnCall[] = [];
  /** What the todos to come are under. */
  control: Label;
  #text = "";
  #news = false;

  constructor(run: Run, turn: PlanningTurn) {
    this.#run = run;
    this.#turn = turn;
    this.control = turn.prompt.control;
    const repairs = turn.prompt.repairOf;
    const createParser = run.planFormat === "json" ? createJsonPlanParser : createPlanParser;
    const options = {
      tools: planTools(turn.tools),
      assign: (number: number) => this.#assign(number),
      resolve: (number: number) =>
        repairs?.numbers.get(number) ?? (run.todos.get(`t${number}`) === undefined ? null : `t${number}`),
    };
    this.#parser = createParser(repairs === null ? options : { ...options, repairOf: new Set(repairs.lines.keys()) });
    this.#readCall = createCallReader(options);
  }

  /** Everything the model wrote, but for its native calls. */
  get text(): string {
    return this.#text;
  }

  /** Everything the model wrote, its native calls as a plan in JSON. */
  get raw(): string {
    return rawWith(this.#text, this.calls);
  }

  /** Lines that were meant as todos or stand between them, and are none and have no todo to show it. */
  get strays(): number {
    return this.#prose.length + this.#mistakes.filter(({ line }) => line === null).length;
  }

  /** Characters the model has written so far. */
  get size(): number {
    return this.calls.reduce((sum, { argumentsText }) => sum + argumentsText.length, this.#text.length);
  }

  get mistakes(): readonly Mistake[] {
    return this.todoIds.length > 0 ? this.#mistakes : [...this.#prose, ...this.#mistakes];
  }

  /** Takes text of the model, gives the part of it that is for the person. */
  push(text: string): string {
    this.#text += text;
    return this.#take(this.#parser.push(text));
  }

  /** Takes a native call: a todo at once, or one that fails with what is wrong with it, which its answer then says. */
  call({ name, argumentsText }: ModelCall): void {
    const part = this.#readCall({ number: this.#run.todos.nextNumber, tool: name, argumentsText });
    const id = part.type === "todo" ? part.todo.id : part.id;
    const problem = part.type === "todo" ? null : part.error.message;
    this.calls.push({ id: id ?? `x${this.#turn.turn}-${this.calls.length + 1}`, name, argumentsText, problem });
    if (part.type === "todo") this.#add(part.todo);
    else if (id !== null) this.#addInvalid(id, part);
  }

  end(how: "complete" | "cut"): string {
    return this.#take(this.#parser.end(how));
  }

  /** From here on it may write what it has from elsewhere. */
  lower(label: Label): void {
    this.control = joinLabels(this.control, label);
  }

  /** Whether todos came since the last call. */
  takeNews(): boolean {
    const news = this.#news;
    this.#news = false;
    return news;
  }

  #assign(number: number): string {
    const id = this.#turn.prompt.repairOf?.lines.get(number) ?? this.#run.todos.assign(number);
    this.numbers.set(number, id);
    return id;
  }

  #take(parts: readonly PlanPart[]): string {
    let text = "";
    for (const part of parts) {
      if (part.type === "text") text += part.text;
      else if (part.type === "todo") this.#add(part.todo);
      else if (part.type === "invalid") this.#refuse(part);
      else this.#mistakes.push({ line: null, text: part.excerpt, message: part.reason });
    }
    return text;
  }

  #add(planned: PlannedTodo): void {
    const tool = this.#turn.tools.get(planned.tool);
    const control = this.control;
    const effect = tool !== null && isEffect(tool);
    const record = this.#recordOf(planned.id, {
      tool: planned.tool,
      title: planned.title ?? (tool === null ? planned.tool : titleOf(tool, planned.args)),
      args: planned.args,
      dependsOn: planned.needs,
      effects: tool?.effects ?? [],
      status: firstStatus(effect, control),
      error: null,
    });
    this.#write(liveTodo({ record, tool, needs: planned.needs, fanOut: planned.fanOut }));
  }

  /** A line that does not parse stays visible as a failed todo, until the repair turn replaces it. */
  #refuse(part: InvalidLine): void {
    const { number, id, line: text, error } = part;
    if (number === null || id === null) {
      const kind = error.code === "plan_not_a_todo" ? this.#prose : this.#mistakes;
      kind.push({ line: null, text, message: error.message });
      return;
    }
    this.#mistakes.push({ line: { number, todoId: id }, text, message: error.message });
    this.#addInvalid(id, part);
  }

  #addInvalid(id: string, { line, error }: InvalidLine): void {
    const said = { tool: "", title: line.slice(0, 120), args: {}, dependsOn: [], effects: [], status: "pending", error } as const;
    const record = this.#recordOf(id, said);
    const todo = liveTodo({ record, tool: null, approvalId: INVALID });
    this.#run.todos.add(todo);
    this.invalidIds.push(id);
    const event = this.#run.event("todo-invalid", { todoId: id, line, error, turn: this.#turn.turn });
    this.#run.post([event], [{ put: "todos", record: todo.record }]);
  }

  #write(todo: LiveTodo): void {
    this.#run.todos.add(todo);
    this.todoIds.push(todo.record.id);
    this.#news = true;
    this.#run.post([this.#run.event("todo-added", { todo: wireTodo(todo) })], [{ put: "todos", record: todo.record }]);
  }

  /** One literal: records are made and copied often, and a spread in their middle costs more than all of their members. */
  #recordOf(id: string, said: Said): TodoRecord {
    const run = this.#run;
    return {
      runId: run.id,
      id,
      sessionId: run.session.id,
      position: run.todos.get(id)?.record.position ?? run.todos.size + 1,
      turn: this.#turn.turn,
      control: this.control,
      parent: null,
      tool: said.tool,
      title: said.title,
      args: said.args,
      dependsOn: said.dependsOn,
      effects: said.effects,
      status: said.status,
      attempt: 0,
      result: null,
      label: null,
      error: said.error,
      note: null,
      startedAt: null,
      endedAt: null,
    };
  }
}

/** Native calls as a plan in JSON behind the text. */
export function rawWith(text: string, calls: readonly TurnCall[]): string {
  if (calls.length === 0) return text;
  const plan = calls.map(
    ({ id, name, argumentsText }) => `{"id":"${id}","tool":${JSON.stringify(name)},"args":${argumentsText}}`,
  );
  return [...(text === "" ? [] : [text]), "```plan", ...plan, "```"].join("\n");
}
