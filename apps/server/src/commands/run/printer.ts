import type { SessionStore } from "@orquestra/client";
import type { EventData, OrquestraEvent } from "@orquestra/protocol";
import { plainLine, plainText } from "./plain-text.ts";

/** Shows a run as it goes. */
export interface Printer {
  show(event: OrquestraEvent): void;
}

/** Every event as a line of JSON on stdout. */
export const jsonPrinter: Printer = { show: (event) => writeOut(`${JSON.stringify(event)}\n`) };

/** The answer on stdout as it is written, the steps on stderr, so that the answer alone can be piped on. */
export class LinePrinter implements Printer {
  readonly #session: SessionStore;
  readonly #titles = new Map<string, string>();
  readonly #parts = new Map<string, TextPart>();

  constructor(session: SessionStore) {
    this.#session = session;
  }

  show(event: OrquestraEvent): void {
    if (event.type === "todo-added") this.#titles.set(event.data.todo.id, event.data.todo.title);
    else if (event.type === "part-opened") this.#open(event.data);
    else if (event.type === "part-closed") this.#close(event.data);
    else this.#step(event);
  }

  #open({ kind, partId }: EventData<"part-opened">): void {
    if (kind === "text") this.#parts.set(partId, new TextPart(this.#session, partId));
  }

  #close({ partId, text }: EventData<"part-closed">): void {
    this.#parts.get(partId)?.end(text);
    this.#parts.delete(partId);
  }

  #step(event: OrquestraEvent): void {
    const line = this.#lineOf(event);
    if (line !== null) writeStep(line);
    const spent = spentIn(event);
    if (spent !== null) writeStep(spent);
  }

  #lineOf({ type, data }: OrquestraEvent): string | null {
    if (type === "todo-started") return `… ${this.#name(data.todoId)}`;
    if (type === "todo-completed") return `✓ ${this.#name(data.todoId)} (${Math.round(data.ms)} ms)`;
    if (type === "todo-failed") return `✗ ${this.#name(data.todoId)}: ${data.error.message}`;
    if (type === "todo-skipped") return `– ${this.#name(data.todoId)}: ${data.reason}`;
    if (type === "todo-unknown") return `? ${this.#name(data.todoId)}: ${data.known}`;
    if (type === "todo-result-late")
      return `? ${this.#name(data.todoId)}: an earlier process reports that it ended as ${data.status}`;
    if (type === "todo-invalid") return `✗ ${data.todoId}: ${data.error.message}`;
    if (type === "run-failed") return `✗ ${data.error.message}`;
    if (type === "run-cancelled") return "✗ cancelled";
    return type === "notice" ? data.text : null;
  }

  #name(todoId: string): string {
    return `${todoId} ${this.#titles.get(todoId) ?? ""}`.trim();
  }
}

const dollars = new Intl.NumberFormat("en", { style: "currency", currency: "USD", maximumFractionDigits: 4 });

/** What a run used, where its provider said so, and what it cost, where that is known. */
function spentIn({ type, data }: OrquestraEvent): string | null {
  if (type !== "run-completed" && type !== "run-failed" && type !== "run-cancelled") return null;
  const { usage, cost = null } = data;
  if (usage === undefined || usage.inputTokens + usage.outputTokens === 0) return null;
  const tokens = `${usage.inputTokens.toLocaleString("en")} tokens in, ${usage.outputTokens.toLocaleString("en")} out`;
  return cost === null ? tokens : `${tokens}, ${dollars.format(cost)}`;
}

/** Text of one part: what came since the last look is written at once. */
class TextPart {
  readonly #stop: () => void;
  #written = 0;

  constructor(session: SessionStore, partId: string) {
    const part = session.part(partId);
    this.#stop = part.subscribe(() => this.#write(part.get()?.text ?? ""));
  }

  /** What was not written yet, and the end of the line. */
  end(text: string): void {
    this.#stop();
    this.#write(text);
    if (text !== "" && !text.endsWith("\n")) writeOut("\n");
  }

  #write(text: string): void {
    if (text.length <= this.#written) return;
    const added = text.slice(this.#written);
    this.#written = text.length;
    writeOut(process.stdout.isTTY ? plainText(added) : added);
  }
}

let midLine = false;

function writeOut(text: string): void {
  midLine = process.stdout.isTTY && !text.endsWith("\n");
  process.stdout.write(text);
}

/** A line beside the answer; on a terminal it does not begin in the middle of one. */
export function writeStep(line: string): void {
  process.stderr.write(`${midLine ? "\n" : ""}${plainLine(line)}\n`);
  midLine = false;
}
