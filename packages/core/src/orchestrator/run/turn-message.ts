import type { MessageRecord } from "../../persistence/index.ts";
import type { AnswerPart } from "./answer-part.ts";
import { type Planning, rawWith } from "./planning.ts";
import type { Run, TurnRecord } from "./run.ts";
import type { TurnPrompt } from "./turn-prompt.ts";

/** Milliseconds between two times that what was written so far is kept: more than that of it a dead process does not take along. */
const keptEvery = 5000;

interface Written {
  readonly planning: Planning;
  readonly answer: AnswerPart;
  readonly turn: number;
  readonly prompt: Pick<TurnPrompt, "tools">;
}

/** What a turn writes, kept for later prompts, and for whoever has to close it where this process dies. */
export class TurnMessage {
  readonly #run: Run;
  readonly #written: Written;
  #keptAt: number;

  constructor(run: Run, written: Written) {
    this.#run = run;
    this.#written = written;
    this.#keptAt = run.clock.now();
  }

  /** Called while it is being written. */
  keep(): void {
    const now = this.#run.clock.now();
    if (now - this.#keptAt < keptEvery || this.#written.planning.raw === "") return;
    this.#keptAt = now;
    this.#run.post([], [{ put: "messages", record: this.#record() }]);
  }

  /** The person's part of it is told as a completed message. */
  complete(): void {
    if (this.#written.planning.raw === "") return;
    const record = this.#record();
    const { id: messageId, text } = record;
    const events = text.trim() === "" ? [] : [this.#run.event("message-completed", { messageId, text })];
    this.#run.post(events, [{ put: "messages", record }]);
  }

  #record(): MessageRecord {
    const { planning, answer, turn, prompt } = this.#written;
    return {
      id: answer.messageId,
      sessionId: this.#run.session.id,
      runId: this.#run.id,
      role: "assistant",
      turn,
      text: answer.text,
      raw: planning.raw,
      // Calls that came without a request for any are a plan like one in the text.
      calls: prompt.tools.length === 0 ? [] : [...planning.calls],
      label: planning.control,
      attachments: [],
      at: this.#run.now(),
    };
  }
}

/** A turn as it was kept, its native calls apart from its text. */
export function turnKept({ turn, label, raw, calls }: MessageRecord, todoIds: readonly string[]): TurnRecord {
  const plan = rawWith("", calls);
  const text = calls.length > 0 && raw.endsWith(plan) ? raw.slice(0, -plan.length).replace(/\n$/, "") : raw;
  return { turn, label, raw: text, calls, todoIds, ledger: null };
}
