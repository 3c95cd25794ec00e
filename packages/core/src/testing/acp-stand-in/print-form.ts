import { text } from "node:stream/consumers";
import { leave, writeGarbage } from "./acp-form.ts";
import type { StandInReply, StandInRow } from "./scene.ts";
import type { Stage } from "./stage.ts";

const common = { session_id: "5f0c3b1e-0000-4000-8000-000000000002" };

/** Reads the prompt from stdin, prints the answer as lines of JSON, and ends. */
export async function print(stage: Stage): Promise<void> {
  stage.note({ saw: "prompt", text: await text(process.stdin) });
  if (stage.faults.notSignedIn === true) return leave(1, "Error: Authentication required. Please run 'agent login' first.\n");
  const reply = stage.claimReply() ?? { rows: [], ending: { type: "exit", code: 1, stderr: "No reply is left.\n" } };
  write({ type: "system", subtype: "init", apiKeySource: "env", cwd: process.cwd(), model: "Auto", permissionMode: "default" });
  write({ type: "user", message: { role: "user", content: [{ type: "text", text: "…" }] } });
  const printer = new Printer();
  for (const row of reply.rows) printer.row(row);
  if (reply.gate !== undefined) await stage.pass(reply.gate);
  close(printer, reply);
}

class Printer {
  whole = "";
  #sinceTool = "";

  row({ dir, msg }: StandInRow): void {
    const update = fieldOf(fieldOf(msg, "params"), "update");
    const kind = fieldOf(update, "sessionUpdate");
    const words = fieldOf(fieldOf(update, "content"), "text");
    if (dir === "c2a") return;
    if (kind === "agent_message_chunk") this.#piece(String(words));
    if (kind === "agent_thought_chunk") write({ type: "thinking", subtype: "delta", text: words, timestamp_ms: 1 });
    if (kind === "tool_call") this.#tool(String(fieldOf(update, "toolCallId")));
  }

  /** Everything once more, without a time. */
  end(): void {
    write(assistant(this.whole));
  }

  #piece(words: string): void {
    this.whole += words;
    this.#sinceTool += words;
    write({ ...assistant(words), timestamp_ms: 1 });
  }

  /** The text up to here is repeated before a tool is used. */
  #tool(callId: string): void {
    write({ ...assistant(this.#sinceTool), timestamp_ms: 1, model_call_id: "call-0001" });
    this.#sinceTool = "";
    write({ type: "tool_call", subtype: "started", call_id: callId, tool_call: { shellToolCall: { args: {} } } });
    write({ type: "tool_call", subtype: "completed", call_id: callId, tool_call: { shellToolCall: { result: {} } } });
  }
}

function close(printer: Printer, { ending = { type: "stop", reason: "end_turn" }, usage }: StandInReply): void {
  const result = { type: "result", duration_ms: 1, request_id: "req-0001", ...(usage === undefined ? {} : { usage }) };
  if (ending.type === "stall") return void setInterval(() => undefined, 60_000);
  if (ending.type === "exit") return leave(ending.code, ending.stderr);
  if (ending.type === "garbage") return writeGarbage();
  printer.end();
  if (ending.type === "silence") return;
  const failed = ending.type === "error";
  const words = failed ? ending.message : printer.whole;
  write({ ...result, subtype: failed ? "error" : "success", is_error: failed, result: words });
}

function assistant(words: string): object {
  return { type: "assistant", message: { role: "assistant", content: [{ type: "text", text: words }] } };
}

function write(event: object): void {
  process.stdout.write(`${JSON.stringify({ ...event, ...common })}\n`);
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
}
