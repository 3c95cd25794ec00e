import type { PromptRequest } from "@agentclientprotocol/sdk";
import type { ModelPart } from "../../language-model.ts";
import type { AgentLimits } from "../limits.ts";
import { Mailbox } from "../mailbox.ts";
import { endsWithin } from "../../../lib/ends-within.ts";
import type { AcpLink } from "./acp-link.ts";
import { TurnEvents, closingPart } from "./turn-events.ts";

/** A process with a session in it, good for one turn: what an agent remembers of another one would be in no prompt. */
export class AcpAgent {
  readonly #link: AcpLink;
  readonly #sessionId: string;
  readonly #cancelMs: number;
  #turn: Promise<void> | null = null;
  #ended: Promise<void> | null = null;

  constructor(link: AcpLink, sessionId: string, { cancelMs }: Pick<AgentLimits, "cancelMs">) {
    this.#link = link;
    this.#sessionId = sessionId;
    this.#cancelMs = cancelMs;
  }

  /** Resolves when the process is gone, wanted or not. */
  get gone(): Promise<unknown> {
    return this.#link.process.exited;
  }

  /** Starts the one turn; the last thing in the mailbox is an `end` or an `error`. */
  prompt(text: string): Mailbox<ModelPart> {
    const mailbox = new Mailbox<ModelPart>();
    const events = new TurnEvents(this.#link.program, mailbox);
    this.#link.hear(events);
    this.#turn = this.#answer(text, events).then((part) => {
      this.#turn = null;
      mailbox.put(part);
    });
    return mailbox;
  }

  /** Tells a running turn to stop, waits a moment for it, and kills the process with all it started. */
  end(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #answer(text: string, events: TurnEvents): Promise<ModelPart> {
    const { agent, program } = this.#link;
    try {
      const prompt: PromptRequest = { sessionId: this.#sessionId, prompt: [{ type: "text", text }] };
      const answer = await agent.request("session/prompt", prompt);
      return closingPart(program, answer.stopReason);
    } catch (error) {
      return { type: "error", error: await this.#link.failureOf(error, events.begun ? "answering" : "waiting") };
    }
  }

  async #end(): Promise<void> {
    if (this.#turn !== null) await this.#cancel(this.#turn);
    await this.#link.end();
  }

  async #cancel(turn: Promise<void>): Promise<void> {
    // A process that no longer reads is killed without having been told.
    const told = this.#link.agent.notify("session/cancel", { sessionId: this.#sessionId }).catch(() => undefined);
    await endsWithin(Promise.all([told, turn]), this.#cancelMs);
  }
}
