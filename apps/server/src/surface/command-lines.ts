import type { CommandData, CommandType, ErrorCode } from "@orquestra/protocol";

/** Things of somebody's session that a command can name. */
export interface Ids {
  readonly runId: string;
  readonly todoId: string;
  readonly approvalId: string;
  readonly messageId: string;
  /** A message that waits behind the run. */
  readonly queuedId: string;
  readonly outputRef: string;
  readonly memoryId: string;
}

/** What a command is about, and so who may give it. */
export type About =
  /** The connection. */
  | "connection"
  /** A session; minted tokens may give it in theirs. */
  | "session"
  /** A session, and what happens in it: minted tokens may, that were given the right. */
  | "approval"
  /** A session as a whole, which no minted token may change. */
  | "whole session"
  /** The user who gives it. */
  | "user"
  /** The server: its owner's. */
  | "server";

export interface CommandLine<T extends CommandType> {
  readonly about: About;
  readonly data: (ids: Ids) => CommandData<T>;
  /** Its data names things of a session. */
  readonly names: boolean;
  /** What whoever may give it is answered, for a session of their own and ids that nobody has. */
  readonly serves: ErrorCode | "ok";
}

const run = { names: true, serves: "not_found" } as const;
const memory = { about: "user", names: true, serves: "unavailable" } as const;

/** A command without a line does not compile: whoever adds one says here who may give it. */
export const commandLines: { readonly [T in CommandType]: CommandLine<T> } = {
  ping: { about: "connection", data: () => ({}), names: false, serves: "ok" },
  "session-detach": { about: "connection", data: () => ({}), names: false, serves: "ok" },

  "session-attach": { about: "session", data: () => ({ from: 0 }), names: false, serves: "ok" },
  "message-list": { about: "session", data: ({ messageId }) => ({ before: messageId }), names: true, serves: "not_found" },
  "message-send": { about: "session", data: () => ({ text: "a word from me" }), names: false, serves: "ok" },
  "queue-update": { about: "session", data: ({ queuedId }) => ({ messageId: queuedId, remove: true }), ...run },
  "output-read": { about: "session", data: ({ outputRef }) => ({ ref: outputRef }), ...run },
  "run-cancel": { about: "session", data: ({ runId }) => ({ runId }), ...run },
  "run-steer": { about: "session", data: ({ runId }) => ({ runId, text: "go elsewhere" }), ...run },
  "todo-cancel": { about: "session", data: ({ runId, todoId }) => ({ runId, todoId }), ...run },
  "todo-skip": { about: "session", data: ({ runId, todoId }) => ({ runId, todoId }), ...run },
  "checkpoint-diff": { about: "session", data: ({ runId }) => ({ runId }), ...run },
  "workspace-files": { about: "session", data: () => ({ query: "" }), names: false, serves: "ok" },

  "approval-respond": { about: "approval", data: ({ approvalId }) => ({ approvalId, decision: "allow_once" }), ...run },
  "checkpoint-restore": { about: "approval", data: ({ runId }) => ({ runId }), ...run },
  "todo-edit": { about: "approval", data: ({ runId, todoId }) => ({ runId, todoId, args: { what: "gold" } }), ...run },
  "todo-retry": { about: "approval", data: ({ runId, todoId }) => ({ runId, todoId }), ...run },
  "todo-resolve": { about: "approval", data: ({ runId, todoId }) => ({ runId, todoId, outcome: "done" }), ...run },

  "session-update": { about: "whole session", data: () => ({ title: "mine now" }), names: false, serves: "ok" },
  "session-delete": { about: "whole session", data: () => ({}), names: false, serves: "ok" },

  "session-create": { about: "user", data: () => ({ workspace: null }), names: false, serves: "ok" },
  "session-list": { about: "user", data: () => ({ limit: 200 }), names: false, serves: "ok" },
  "history-search": { about: "user", data: () => ({ query: "zanzibar" }), names: false, serves: "ok" },
  "user-get": { about: "user", data: () => ({}), names: false, serves: "ok" },
  "user-set": { about: "user", data: () => ({ metadata: { role: "owner" } }), names: false, serves: "ok" },
  "preference-list": { about: "user", data: () => ({}), names: false, serves: "ok" },
  "preference-set": { about: "user", data: () => ({ key: "tea", text: "green" }), names: false, serves: "ok" },
  "memory-list": { ...memory, data: () => ({}), names: false },
  "memory-add": { ...memory, data: () => ({ text: "what I say" }), names: false },
  "memory-update": { ...memory, data: ({ memoryId }) => ({ memoryId, text: "what I say" }) },
  "memory-delete": { ...memory, data: ({ memoryId }) => ({ memoryId }) },
  "memory-resolve": { ...memory, data: ({ memoryId }) => ({ memoryId, accept: true }) },
  "workspace-list": { about: "user", data: () => ({}), names: false, serves: "ok" },
  "model-list": { about: "user", data: () => ({}), names: false, serves: "ok" },
  "tool-list": { about: "user", data: () => ({}), names: false, serves: "ok" },

  // It offers no folder, so even its owner finds none.
  "workspace-trust": {
    about: "server",
    data: () => ({ workspace: "/some/where", trusted: true }),
    names: false,
    serves: "not_found",
  },
  "model-connect": { about: "server", data: () => ({ provider: "openai", key: "made-up" }), names: false, serves: "ok" },
  "tool-register": {
    about: "user",
    data: () => ({ name: "evil", description: "Does it.", input: {}, effects: ["exec"] }),
    names: false,
    serves: "unavailable",
  },
  "tool-unregister": { about: "user", data: () => ({ name: "order" }), names: false, serves: "unavailable" },
};
