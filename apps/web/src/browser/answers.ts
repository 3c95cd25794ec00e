import type { ApprovalState, Json, MessageState, SessionItem } from "@orquestra/protocol";
import { findRun } from "@orquestra/protocol";
import { diffs } from "./script-cards.ts";
import type { Script } from "./script.ts";
import { type Answer, Refusal, stateOf } from "./server.ts";

export const files = [
  "src/payments/client.ts",
  "src/payments/client.test.ts",
  "src/payments/gateway.ts",
  "src/lib/retry.ts",
  "src/server.ts",
  "docs/payments.md",
  "package.json",
  "README.md",
];

const models = [
  {
    model: "anthropic/claude-sonnet",
    provider: "anthropic",
    available: true,
    hint: "Key from the environment",
    contextWindow: 200_000,
  },
  { model: "anthropic/claude-haiku", provider: "anthropic", available: true, contextWindow: 200_000 },
  { model: "openai/gpt-5", provider: "openai", available: false, hint: "No key. Paste one to use it." },
  { model: "cursor/auto", provider: "cursor", available: false, hint: "Not signed in: run `agent login`." },
  { model: "demo", provider: "demo", available: true, demo: true },
];

const noModels = models.map((item) => (item.model === "demo" ? item : { ...item, available: false, hint: "No key found." }));

/** What the scripted server says to each command, as the real one would. */
export const answers = {
  "session-list": (_, server) => ({ items: server.scripts.map(sessionItem).map((item): Json => ({ ...item })) }),
  "session-create": () => ({ sessionId: "new" }),
  "history-search": (command, server) => {
    const query = command.type === "history-search" ? command.data.query.toLowerCase() : "";
    const messages = server.scripts.flatMap((script) =>
      stateOf(script.events).messages.map((message) => messageItem(message, script.sessionId)),
    );
    return { items: messages.filter((message) => message.text.toLowerCase().includes(query)).slice(0, 20) };
  },
  "message-list": (command, server) => {
    if (command.type !== "message-list") return {};
    const { before, limit = 50 } = command.data;
    const script = server.script(command.sessionId ?? "");
    const messages = script === undefined ? [] : stateOf(script.events).messages;
    const end = messages.findIndex((message) => message.messageId === before);
    return {
      items: messages
        .slice(Math.max(0, end - limit), Math.max(0, end))
        .map((message) => messageItem(message, command.sessionId ?? "")),
    };
  },
  "workspace-list": (_, server) => {
    const answered = server.commands.findLast((command) => command.type === "workspace-trust");
    const trusted = answered?.type === "workspace-trust" ? answered.data.trusted : null;
    return {
      items: [
        { workspace: "/home/ann/shop-api", name: "shop-api", trusted: true },
        { workspace: "/home/ann/docs-site", name: "docs-site", trusted },
      ],
    };
  },
  "workspace-files": (command) => {
    const query = command.type === "workspace-files" ? command.data.query.toLowerCase() : "";
    return { paths: files.filter((path) => path.toLowerCase().includes(query)).slice(0, 8) };
  },
  "model-list": (_, server) => ({ items: server.scripts.some((script) => script.sessionId === "first-run") ? noModels : models }),
  "model-connect": () => new Refusal("unauthorized", "Anthropic answered 401: invalid x-api-key."),
  "checkpoint-diff": (command, server) => ({
    files: changedFiles(
      command.type === "checkpoint-diff" ? command.data.todoId : undefined,
      server.script(command.sessionId ?? ""),
    ),
  }),
  "checkpoint-restore": (command, server) => {
    if (command.type !== "checkpoint-restore") return {};
    const { runId, todoId = "", path = "", redo = false } = command.data;
    server.play(command.sessionId ?? "", (script) =>
      script.within(runId).event("checkpoint-restored", { todoId, paths: [path], redo }),
    );
    return { restored: [path], conflicts: [] };
  },
  "approval-respond": (command, server) => {
    if (command.type !== "approval-respond") return {};
    const answer = command.data;
    server.play(command.sessionId ?? "", (script) => {
      const open = openCards(script).find(({ approvalId }) => approvalId === answer.approvalId);
      script.event("approval-resolved", { ...answer, by: "ann" });
      for (const { todoId } of open?.todos ?? []) {
        const allowed = (answer.decisions?.[todoId] ?? answer.decision).startsWith("allow");
        if (allowed) script.event("todo-updated", { todoId, status: "pending" });
        else script.event("todo-skipped", { todoId, reason: "The user rejected it." });
      }
    });
    return {};
  },
  "todo-cancel": (command, server) => {
    if (command.type !== "todo-cancel") return {};
    const { runId, todoId } = command.data;
    server.play(command.sessionId ?? "", (script) =>
      script.within(runId).event("todo-cancelled", { todoId, reason: "Stopped by the user." }),
    );
    return {};
  },
  "todo-skip": (command, server) => {
    if (command.type !== "todo-skip") return {};
    const { runId, todoId } = command.data;
    server.play(command.sessionId ?? "", (script) =>
      script.within(runId).event("todo-skipped", { todoId, reason: "The user skipped it." }),
    );
    return {};
  },
  "todo-edit": (command, server) => {
    if (command.type !== "todo-edit") return {};
    const { runId, todoId, args } = command.data;
    server.play(command.sessionId ?? "", (script) => askAnew(script.within(runId), todoId, args));
    return {};
  },
  "todo-retry": (command, server) => {
    if (command.type !== "todo-retry") return {};
    const { runId, todoId, args } = command.data;
    server.play(command.sessionId ?? "", (script) => {
      script.within(runId);
      if (args !== undefined) script.event("todo-updated", { todoId, args, edited: Object.keys(args) });
      script.event("todo-updated", { todoId, status: "pending" }).event("todo-started", { todoId, attempt: 2 });
    });
    return {};
  },
  "run-cancel": (command, server) => {
    server.play(command.sessionId ?? "", (script) => script.event("run-cancelled", {}));
    return {};
  },
  "message-send": (command, server) => {
    if (command.type !== "message-send") return {};
    const { text } = command.data;
    const runId = `sent-${server.commands.length}`;
    server.play(command.sessionId ?? "", (script) => (isBusy(script) ? script.queue(runId, text) : script.ask(runId, text)));
    return { messageId: `m-${runId}`, runId };
  },
  "queue-update": (command, server) => {
    if (command.type !== "queue-update") return {};
    const { messageId, text, remove } = command.data;
    server.play(command.sessionId ?? "", (script) => {
      if (remove === true) script.event("message-removed", { messageId });
      else if (text !== undefined) script.event("message-updated", { messageId, text });
    });
    return {};
  },
  "session-update": (command, server) => {
    if (command.type !== "session-update") return {};
    const { data } = command;
    server.play(command.sessionId ?? "", (script) =>
      script.event("session-updated", Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined))),
    );
    return {};
  },
} satisfies Record<string, Answer>;

/** As the engine does: the card that showed something else is closed, and what stood on it is asked anew. */
function askAnew(script: Script, todoId: string, args: { readonly [name: string]: Json }): void {
  const open = openCards(script).find(({ todos }) => todos.some((todo) => todo.todoId === todoId));
  script.event("todo-updated", { todoId, args, edited: Object.keys(args) });
  if (open === undefined) return;
  const { approvalId, kind, todos } = open;
  const reason = "Some of it was edited, so it is asked anew.";
  script.event("approval-resolved", { approvalId, kind, decision: "reject_once", by: "ann", reason });
  script.event("approval-requested", {
    approvalId: `${approvalId}-anew`,
    kind,
    todos: todos.map((todo) => (todo.todoId === todoId ? { ...todo, arguments: { ...args } } : todo)),
  });
}

function openCards(script: Script): readonly ApprovalState[] {
  const runs = Object.values(stateOf(script.events).activeRuns);
  return runs.flatMap((run) => run.approvals).filter(({ answer }) => answer === null);
}

function isBusy(script: Script): boolean {
  return Object.keys(stateOf(script.events).activeRuns).length > 0;
}

function changedFiles(todoId: string | undefined, script: Script | undefined): Json {
  if (script === undefined) return [];
  const state = stateOf(script.events);
  const runs = [...Object.keys(state.activeRuns), ...Object.keys(state.endedRuns)].flatMap(
    (runId) => findRun(state, runId) ?? [],
  );
  const checkpoints = runs
    .flatMap((run) => run.checkpoints)
    .filter((checkpoint) => todoId === undefined || checkpoint.todoId === todoId);
  return checkpoints.flatMap((checkpoint): Json[] => {
    const diff = diffs.find((file) => file.path === checkpoint.path);
    return diff === undefined
      ? []
      : [{ ...plain(diff), todoId: checkpoint.todoId, base: "0".repeat(64), restored: checkpoint.restored }];
  });
}

function messageItem(
  { attachments: _attachments, ...message }: MessageState,
  sessionId: string,
): { readonly text: string; readonly [key: string]: Json } {
  return { ...message, runId: message.runId ?? "", sessionId };
}

function plain(value: unknown): { readonly [key: string]: Json } {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- plain data without undefined
  return JSON.parse(JSON.stringify(value)) as { readonly [key: string]: Json };
}

function sessionItem(script: Script): SessionItem {
  const state = stateOf(script.events);
  const last = script.events.at(-1);
  const newest = Object.values(state.activeRuns).at(-1) ?? Object.values(state.endedRuns).at(-1);
  return {
    sessionId: script.sessionId,
    title: state.title,
    workspace: state.workspace,
    model: state.model,
    mode: state.mode,
    planFormat: null,
    archived: state.archived,
    createdAt: script.events[0]?.at ?? "",
    updatedAt: last?.at ?? "",
    status: newest?.status ?? null,
  };
}
