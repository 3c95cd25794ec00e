import { type Argument, type Todo, dependenciesOf } from "./workload.ts";

/** A plan as a model writes it. */
export interface PlanText {
  readonly text: string;
  /** Characters from the start to the end of each todo, its line end and block included. */
  readonly ends: readonly number[];
}

/** In the plan language: one short line a todo. */
export function planLines(todos: readonly Todo[]): PlanText {
  return planOf(todos.map((todo, index) => lineOf(todo, index + 1, numbersOf(todos))));
}

/** As JSON lines, with everything a JSON plan names. */
export function planJson(todos: readonly Todo[]): PlanText {
  const numbers = numbersOf(todos);
  return planOf(
    todos.map((todo, index) => {
      const args = argumentsOf(todo, ({ of, path = "" }) => `$${numbers.get(of) ?? 0}${path}`);
      const deps = dependenciesOf(todo).map((id) => numbers.get(id) ?? 0);
      return `${JSON.stringify({ id: index + 1, tool: todo.tool, args, deps })}\n`;
    }),
  );
}

/** Named arguments, with references written as the caller says. */
export function argumentsOf(todo: Todo, write: (argument: Exclude<Argument, string>) => string) {
  const values = todo.args.map((argument) => (typeof argument === "string" ? argument : write(argument)));
  const [first = "", ...inputs] = values;
  if (todo.block !== undefined) return { path: first, text: todo.block };
  return { [firstNames[todo.tool]]: first, ...(inputs.length === 0 ? {} : { inputs }) };
}

const firstNames: { readonly [tool in Todo["tool"]]: string } = {
  search: "query",
  compare: "question",
  list_files: "glob",
  file_read: "path",
  run_checks: "what",
  file_write: "path",
};

function planOf(lines: readonly string[]): PlanText {
  const ends: number[] = [];
  let text = "```plan\n";
  for (const line of lines) {
    text += line;
    ends.push(text.length);
  }
  return { text: `${text}\`\`\``, ends };
}

type Numbers = ReadonlyMap<string, number>;

export function numbersOf(todos: readonly Todo[]): Numbers {
  return new Map(todos.map(({ id }, index) => [id, index + 1]));
}

function lineOf(todo: Todo, number: number, numbers: Numbers): string {
  const args = todo.args.map((argument) =>
    typeof argument === "string" ? JSON.stringify(argument) : `$${numbers.get(argument.of) ?? 0}${argument.path ?? ""}`,
  );
  if (todo.block !== undefined) args.push("<<TEXT");
  const after = todo.after === undefined ? "" : ` after ${todo.after.map((id) => numbers.get(id) ?? 0).join(", ")}`;
  const block = todo.block === undefined ? "" : `<<TEXT\n${todo.block}TEXT\n`;
  return `${number}. ${todo.tool}(${args.join(", ")})${after}\n${block}`;
}
