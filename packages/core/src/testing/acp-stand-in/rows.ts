import type { StandInReply, StandInRow } from "./scene.ts";

/** A piece of the answer. */
export function said(text: string): StandInRow {
  return update({ sessionUpdate: "agent_message_chunk", content: { type: "text", text } });
}

export function thought(text: string): StandInRow {
  return update({ sessionUpdate: "agent_thought_chunk", content: { type: "text", text } });
}

/** It begins to use a tool of its own. */
export function usedTool(kind: string, title: string): StandInRow {
  return update({ sessionUpdate: "tool_call", toolCallId: "tool_0001", title, kind, status: "pending", rawInput: {} });
}

/** It asks for permission to. */
export function askedToUse(title: string, kinds: readonly string[] = ["allow_once", "allow_always", "reject_once"]): StandInRow {
  const options = kinds.map((kind) => ({ optionId: kind.replace("_", "-"), name: kind, kind }));
  const toolCall = { toolCallId: "tool_0001", title, kind: "execute", status: "pending" };
  return asked("session/request_permission", { toolCall, options });
}

/** It sends a request and waits for the answer. */
export function asked(method: string, params: object): StandInRow {
  return { dir: "a2c", ms: 0, msg: { jsonrpc: "2.0", id: 0, method, params } };
}

/** The one turn of a recording, lines of `{dir, ms, msg}`: from its `session/prompt` to the answer. */
export function replyOfRecording(recording: string): StandInReply {
  const rows = recording.trim().split("\n").map(rowOf);
  const start = rows.findIndex(({ msg }) => msg["method"] === "session/prompt");
  const id = rows[start]?.msg["id"];
  const end = rows.findIndex(({ dir, msg }) => dir === "a2c" && msg["id"] === id && msg["method"] === undefined);
  const result = rows[end]?.msg["result"];
  const reason = typeof result === "object" && result !== null && "stopReason" in result ? String(result.stopReason) : "";
  return { rows: rows.slice(start + 1, end), ending: { type: "stop", reason } };
}

function rowOf(line: string): StandInRow {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a fixture of the test's own
  return JSON.parse(line) as StandInRow;
}

function update(content: object): StandInRow {
  return { dir: "a2c", ms: 0, msg: { jsonrpc: "2.0", method: "session/update", params: { update: content } } };
}
