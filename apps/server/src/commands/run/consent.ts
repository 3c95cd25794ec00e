import type { ApprovalDecision, EventData } from "@orquestra/protocol";
import { UsageError } from "../../usage.ts";
import { plainLine, plainText } from "./plain-text.ts";
import { writeStep } from "./printer.ts";

/** What `--yes` allows without asking. */
export type Consent = "nothing" | "reads" | "plan";

export type Request = EventData<"approval-requested">;
type RequestedTodo = Request["todos"][number];

export interface Answer {
  readonly decision: ApprovalDecision;
  readonly decisions: { readonly [todoId: string]: ApprovalDecision };
}

export function readConsent(text: string | undefined): Consent {
  if (text === undefined) return "nothing";
  if (text === "reads" || text === "plan") return text;
  throw new UsageError(`--yes takes reads or plan, not ${JSON.stringify(text)}.`);
}

/**
 * `reads`: todos that only read. `plan`: todos the model wrote on the user's word alone, with no value from outside in them.
 * Pauses (a budget, a question) are never covered: nobody can have meant them beforehand.
 */
export function isCovered(todo: RequestedTodo, consent: Consent): boolean {
  if (consent === "nothing") return false;
  if (consent === "reads") return todo.effects.every((effect) => effect === "read");
  return todo.control.integrity === "user" && todo.provenance.every(({ integrity }) => integrity !== "outside");
}

/** What `consent` leaves to a person. A repetition is never covered either: it is asked because it was not meant. */
function openTodos({ kind, todos }: Request, consent: Consent): readonly RequestedTodo[] {
  return kind === "effects" ? todos.filter((todo) => !isCovered(todo, consent)) : todos;
}

/** What is asked, and how it can be answered, for somebody who cannot be asked here. */
export function describeOpen(request: Request, consent: Consent): void {
  const open = openTodos(request, consent);
  for (const todo of open) describe(todo);
  if (request.question !== undefined) writeStep(request.question);
  const sidebar = "Give it in the sidebar (start it with: orquestra)";
  const more =
    open.length > 0 && openTodos(request, "plan").length === 0 ? ", or run again with --yes=plan." : "; no --yes covers it.";
  writeStep(`This needs an approval. ${sidebar}${more}`);
}

/** The answer to a request; `null` when a person is needed and `ask` is null. `ask` resolves with whether it is allowed. */
export async function answerFor(
  request: Request,
  consent: Consent,
  ask: ((question: string) => Promise<boolean>) | null,
): Promise<Answer | null> {
  const open = openTodos(request, consent);
  const isPause = request.todos.length === 0;
  if (open.length === 0 && !isPause) return answered(request, new Set());
  if (ask === null) return null;
  if (isPause) return (await ask(request.question ?? "Go on?")) ? answered(request, new Set()) : rejected;
  const refused = new Set<string>();
  for (const todo of open) {
    describe(todo);
    if (!(await ask(`Allow ${todo.todoId}?`))) refused.add(todo.todoId);
  }
  return answered(request, refused);
}

/** Everything the decision is about, nothing cut: what is shown is what will run. */
export function describe(todo: RequestedTodo): void {
  writeStep(`${todo.todoId} wants to ${todo.summary}${todo.undoable ? "" : " (cannot be undone)"}`);
  for (const [name, value] of Object.entries(todo.arguments)) {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    process.stderr.write(`    ${plainLine(name)}: ${plainText(text).replaceAll("\n", "\n      ")}\n`);
  }
  for (const { argument, source } of todo.provenance.filter(({ integrity }) => integrity !== "user"))
    process.stderr.write(`    ${plainLine(argument)} is ${plainLine(source)}\n`);
}

const rejected: Answer = { decision: "reject_once", decisions: {} };

function answered({ todos }: Request, refused: ReadonlySet<string>): Answer {
  const decisions = todos.map(({ todoId }) => [todoId, refused.has(todoId) ? "reject_once" : "allow_once"] as const);
  const decision = todos.length > 0 && refused.size === todos.length ? "reject_once" : "allow_once";
  return { decision, decisions: Object.fromEntries(decisions) };
}
