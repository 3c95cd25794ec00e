import type { PlanFormat } from "@orquestra/protocol";
import { failTodo } from "./end-todo.ts";
import { INVALID, type Mistake } from "./mistake.ts";
import type { Run } from "./run.ts";

/** Lines the model got wrong and is asked to write anew, once. */
export interface Repair {
  /** The line numbers that may be replaced, with their todos. */
  readonly lines: ReadonlyMap<number, string>;
  /** All numbers of the plan under repair, with their todos. */
  readonly numbers: ReadonlyMap<number, string>;
  readonly mistakes: readonly Mistake[];
}

export function repairFor(mistakes: readonly Mistake[], numbers: ReadonlyMap<number, string>): Repair {
  const lines = mistakes.flatMap(({ line }) => (line === null ? [] : [[line.number, line.todoId] as const]));
  return { lines: new Map(lines), numbers, mistakes };
}

/** Mistakes that the repair turn and the person are told one by one. */
const most = { told: 20, noticed: 5 };

/** What the repair turn is told: each mistake with the line as it was written. */
export function repairText({ lines, mistakes }: Repair, format: PlanFormat): string {
  const all = mistakes.map(
    ({ line, text, message }) => `${line === null ? "Text" : `Line ${line.number}`}: ${excerpt(text, 600)}\nProblem: ${message}`,
  );
  const told = firstOf(all, most.told);
  const how =
    lines.size > 0
      ? `Write only ${[...lines.keys()].map((number) => `line ${number}`).join(", ")} again, with the same number, in a \`\`\`plan fence.`
      : `If you meant it as a plan, ${format === "tools" ? "make the calls" : "write it in a ```plan fence"}; if not, just answer.`;
  return ["Part of your last answer could not be read as a plan:", ...told, how].join("\n\n");
}

/** What stayed wrong and has no todo that could tell is told by itself: nothing that was meant as work ends in silence. */
export function tellUnrepaired(
  run: Run,
  repair: Repair,
  turn: { readonly planned: boolean; readonly mistakes: readonly Mistake[] },
): void {
  const open = [...(turn.planned ? [] : repair.mistakes), ...turn.mistakes].filter(({ line }) => line === null);
  const texts = open.map(({ text, message }) => {
    return `The model was asked to correct this and did not, so it was not carried out:\n${excerpt(text, 300)}\n${message}`;
  });
  for (const text of firstOf(texts, most.noticed)) run.post([run.event("notice", { text })]);
}

/** Each once, and how many more there are. */
function firstOf(texts: readonly string[], count: number): readonly string[] {
  const all = [...new Set(texts)];
  const left = all.length - count;
  return left <= 0 ? all : [...all.slice(0, count), `There are ${left} more like this.`];
}

function excerpt(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

/** Lines that stayed wrong are failed todos from here on: what refers to them is skipped, and the next turn sees it. */
export function failUnrepaired(run: Run): void {
  for (const todo of run.todos) {
    if (todo.approvalId !== INVALID) continue;
    todo.approvalId = null;
    failTodo(run, todo, todo.record.error ?? { code: "todo_invalid", message: "The line could not be read." });
  }
}
