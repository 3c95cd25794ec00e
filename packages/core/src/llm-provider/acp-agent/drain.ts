import { type ModelPart, isAside } from "../language-model.ts";
import { abortedFailure, silentFailure } from "./failures.ts";
import type { Mailbox } from "./mailbox.ts";
import type { AgentProgram } from "./program.ts";

/** A turn under way in some process. */
export interface RunningTurn {
  /** Its last part is an `end` or an `error`. */
  readonly mailbox: Mailbox<ModelPart>;
  /** Ends the turn and its process. */
  readonly end: () => Promise<void>;
}

interface DrainOptions {
  readonly program: AgentProgram;
  readonly idleTimeoutMs: number;
  readonly signal: AbortSignal;
}

type Parts = readonly ModelPart[];

/** The parts of a turn up to the one that closes it. One that is stopped or silent is dead before that is told. */
export async function* drain(turn: RunningTurn, { program, idleTimeoutMs, signal }: DrainOptions): AsyncGenerator<Parts> {
  let begun = false;
  for (;;) {
    const news = await turn.mailbox.take(idleTimeoutMs, signal);
    if (news.status !== "items") {
      await turn.end();
      const silent = silentFailure(program, idleTimeoutMs, begun ? "answering" : "waiting");
      yield [{ type: "error", error: news.status === "aborted" ? abortedFailure(program) : silent }];
      return;
    }
    const parts = throughClosing(news.items);
    begun ||= parts.some((part) => !isAside(part));
    yield* noticesApart(parts);
    if (parts.some(isClosing)) return;
  }
}

function throughClosing(parts: Parts): Parts {
  const closing = parts.findIndex(isClosing);
  return closing === -1 ? parts : parts.slice(0, closing + 1);
}

function isClosing({ type }: ModelPart): boolean {
  return type === "end" || type === "error";
}

/** In a batch of their own: whether a call may be tried again is decided by the first part that is no notice. */
function* noticesApart(parts: Parts): Generator<Parts> {
  const asides = parts.filter(isAside);
  const others = parts.filter((part) => !isAside(part));
  if (asides.length > 0) yield asides;
  if (others.length > 0) yield others;
}
