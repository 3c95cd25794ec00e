import type { Approval, ApprovalDecision, CommandData, OrquestraEvent } from "@orquestra/protocol";
import { CommandError, type Orquestra } from "@orquestra/core";
import { isEnding } from "./outcome.ts";
import { someone as user } from "./someone.ts";
import type { Person } from "./task.ts";

export interface Conversation {
  readonly session: CommandData<"session-create">;
  readonly messages: readonly string[];
  /** Files that come with the last one. */
  readonly attached: readonly string[];
  readonly person: Person;
  /** Stops the run. */
  readonly signal: AbortSignal;
  readonly watch?: (event: OrquestraEvent) => void;
}

/** How long a run that is stopped may take to end. */
const patienceMs = 30_000;

/**
 * Says the messages in a new session, each when the run before has ended, and answers what is asked. Resolves with all events
 * once the last run has ended.
 */
export async function converse(orquestra: Orquestra, talk: Conversation): Promise<readonly OrquestraEvent[]> {
  const { session, messages, attached, person, signal, watch } = talk;
  const events: OrquestraEvent[] = [];
  await orquestra.saveUser(user);
  const { sessionId } = await orquestra.command("session-create", session, { user });
  const inSession = { user, sessionId };
  const respond: Respond = (data) => orquestra.command("approval-respond", data, inSession);
  let run = settled();
  const deliver = (event: OrquestraEvent): void => {
    events.push(event);
    watch?.(event);
    if (event.type === "approval-requested") decide(event.data, { events, person, respond }).catch(run.reject);
    if (isEnding(event)) run.resolve();
  };
  const attachment = await orquestra.engine.attach({
    sessionId,
    user,
    from: 0,
    deliver: (live) => "seq" in live && deliver(live),
  });
  attachment.start();
  for (const [index, text] of messages.entries()) {
    run = settled();
    const attachments = index === messages.length - 1 ? attached.map((path) => ({ type: "file" as const, path })) : [];
    const { runId } = await orquestra.command("message-send", { text, attachments }, inSession);
    await endedOrStopped(run, { signal, cancel: () => orquestra.command("run-cancel", { runId }, inSession) });
    if (signal.aborted) break;
  }
  attachment.detach();
  return events;
}

interface Stopping {
  readonly signal: AbortSignal;
  readonly cancel: () => Promise<unknown>;
}

async function endedOrStopped({ promise, reject }: ReturnType<typeof settled>, { signal, cancel }: Stopping): Promise<void> {
  const stop = (): void => {
    cancel().catch(unlessOver).catch(reject);
    setTimeout(() => reject(new Error("The run was stopped and did not end.")), patienceMs).unref();
  };
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  await promise.finally(() => signal.removeEventListener("abort", stop));
}

function settled() {
  let resolve: () => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<void>((yes, no) => {
    [resolve, reject] = [yes, no];
  });
  return { promise, resolve, reject };
}

type Respond = (data: CommandData<"approval-respond">) => Promise<unknown>;

interface Deciding {
  readonly events: readonly OrquestraEvent[];
  readonly person: Person;
  readonly respond: Respond;
}

/** Each call by itself, also where it came again and again. A pause at a limit has no calls: no, it is enough. */
async function decide({ approvalId, todos }: Approval, { events, person, respond }: Deciding): Promise<void> {
  const answers = todos.map(({ todoId, arguments: args, effects }) => {
    return [todoId, person({ tool: toolOf(events, todoId), args, effects })] as const;
  });
  const decisions = answers.map(([todoId, yes]): [string, ApprovalDecision] => [
    todoId,
    yes === true ? "allow_once" : "reject_once",
  ]);
  const reasons = new Set(answers.flatMap(([, answer]) => (answer === true ? [] : [answer])));
  const data = { approvalId, decision: "reject_once", decisions: Object.fromEntries(decisions) } as const;
  const reason = reasons.size === 0 ? {} : { reason: [...reasons].join(" ") };
  await respond({ ...data, ...reason }).catch(unlessOver);
}

function toolOf(events: readonly OrquestraEvent[], todoId: string): string {
  const todos = events.flatMap((event) =>
    event.type === "todo-added" && event.data.todo.id === todoId ? [event.data.todo] : [],
  );
  return todos[0]?.tool ?? "";
}

/** The run may have ended by itself while the answer was on its way. */
function unlessOver(error: unknown): void {
  if (!(error instanceof CommandError) || !["conflict", "not_found"].includes(error.code)) throw error;
}
