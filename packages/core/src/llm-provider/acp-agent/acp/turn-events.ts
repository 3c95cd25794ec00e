import type { EndReason, ModelPart } from "../../language-model.ts";
import { asObject, asText, type WireObject } from "../../wire/json.ts";
import { cancelledFailure, floodFailure } from "../failures.ts";
import type { Mailbox } from "../mailbox.ts";
import type { AgentProgram } from "../program.ts";

/** A program that has tried so often, though nothing was ever granted, will not stop by itself. */
const mostTries = 40;
const longestTitle = 80;

/** Turns what an agent sends during one turn into parts. */
export class TurnEvents {
  readonly #program: AgentProgram;
  readonly #mailbox: Mailbox<ModelPart>;
  #tries = 0;
  #told: "nothing" | "refused" | "used" = "nothing";
  #begun = false;

  constructor(program: AgentProgram, mailbox: Mailbox<ModelPart>) {
    this.#program = program;
    this.#mailbox = mailbox;
  }

  /** Some of the answer, or of the reasoning, has come. */
  get begun(): boolean {
    return this.#begun;
  }

  /** The parameters of a `session/update`. */
  update(params: WireObject): void {
    const update = asObject(params["update"]);
    const type = partTypes[asText(update["sessionUpdate"])];
    const text = asText(asObject(update["content"])["text"]);
    if (type !== undefined && text !== "") {
      this.#begun = true;
      return this.#mailbox.put({ type, text });
    }
    if (update["sessionUpdate"] === "tool_call") this.#toolCall(asText(update["kind"]), asText(update["title"]));
    this.#mailbox.lifeSign();
  }

  /** Resolves when there is room for more updates. */
  room(): Promise<void> {
    return this.#mailbox.room();
  }

  /** A request of the agent's was turned down. */
  refused(what: string): void {
    this.#tell(what, true);
    this.#count();
  }

  #toolCall(kind: string, title: string): void {
    this.#tell(title, this.#program.refusedKinds?.includes(kind) === true);
    this.#count();
  }

  /** Once a turn, and once that it was not refused: a person is to know of it, not to read a log. */
  #tell(title: string, refused: boolean): void {
    if (this.#told === "used" || (refused && this.#told === "refused")) return;
    this.#told = refused ? "refused" : "used";
    const { name } = this.#program;
    const tool = clean(title);
    const text = refused
      ? `${name} tried to use a tool of its own (${tool}); it was refused.`
      : `${name} uses a tool of its own (${tool}) that cannot be refused; the folder it was given is empty.`;
    this.#mailbox.put({ type: refused ? "notice" : "own_tool", text });
  }

  #count(): void {
    this.#tries += 1;
    if (this.#tries === mostTries) this.#mailbox.put({ type: "error", error: floodFailure(this.#program, mostTries) });
  }
}

const partTypes: { readonly [update: string]: "text" | "reasoning" | undefined } = {
  agent_message_chunk: "text",
  agent_thought_chunk: "reasoning",
};

const endReasons: { readonly [stopReason: string]: EndReason | undefined } = {
  end_turn: "stop",
  max_tokens: "length",
  max_turn_requests: "length",
  refusal: "refusal",
};

/** The last part of a turn, by the reason the agent gives for its end. */
export function closingPart(program: AgentProgram, stopReason: string): ModelPart {
  const reason = endReasons[stopReason];
  return reason === undefined ? { type: "error", error: cancelledFailure(program) } : { type: "end", reason };
}

/** Titles hold what the model wrote: one short line of it. */
function clean(title: string): string {
  const line = title.replaceAll(/[\p{C}\s]+/gu, " ").trim();
  return line.length > longestTitle ? `${line.slice(0, longestTitle)}…` : line || "unnamed";
}
