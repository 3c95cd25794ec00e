import { ModelError } from "../language-model.ts";
import { complaintOf } from "../wire/complaint.ts";
import type { AgentExit } from "./process/agent-process.ts";
import type { AgentProgram } from "./program.ts";

/** The program cannot be spoken to in this protocol: it is too old, or another one. The failure says so to a person. */
export class NoProtocolError extends Error {
  override readonly name = "NoProtocolError";
  readonly failure: ModelError;

  constructor(failure: ModelError) {
    super(failure.message);
    this.failure = failure;
  }
}

const signInWords = /not (logged|signed) in|log ?in (first|again)|unauthenticated|unauthorized|authentication|api[ _-]?key/i;
const limitWords = /rate.?limit|usage limit|quota|too many requests|out of (credits|usage)/i;
const authRequired = -32_000;
const wrongParameters = -32_602;

export function missingFailure({ name, command, advice }: AgentProgram, lastWords: string): ModelError {
  const why = sentenceOf(lastWords);
  const said = why === "" ? "" : ` It said: ${why}`;
  return new ModelError("auth", `${name} could not be started as ${command}.${said} ${advice.missing}`);
}

export function signInFailure({ name, advice }: AgentProgram): ModelError {
  return new ModelError("auth", `${name} is not signed in. ${advice.signIn}`);
}

/** Where the process stands when it ends. */
export type Stage = "starting" | "waiting" | "answering";

const stages: { readonly [stage in Stage]: string } = {
  starting: "while it was starting",
  waiting: "before it had answered",
  answering: "in the middle of an answer",
};

export function exitFailure(program: AgentProgram, exit: AgentExit, stage: Stage): ModelError {
  if (exit.code === 127 || exit.code === 126) return missingFailure(program, exit.lastWords);
  if (stage !== "answering" && signInWords.test(exit.lastWords)) return signInFailure(program);
  const how = exit.signal === null ? `exit code ${exit.code ?? 0}` : `signal ${exit.signal}`;
  const why = sentenceOf(exit.lastWords);
  const said = why === "" ? "" : ` The last it said: ${why}`;
  return networkFailure(`${program.name} ended ${stages[stage]} (${how}).${said} Try again.`);
}

/** The program answered a request with an error. */
export function refusalFailure(program: AgentProgram, error: { readonly code: number; readonly message: string }): ModelError {
  const complaint = complaintOf(error.message);
  if (error.code === authRequired || signInWords.test(error.message)) return signInFailure(program);
  if (complaint.tooLong) {
    return new ModelError("context_length", `The conversation is too long for ${program.name}. Start a new one, or say less.`);
  }
  const text = complaint.text === "" ? "." : `: ${complaint.text}`;
  if (complaint.outOfCredit || limitWords.test(error.message)) {
    return new ModelError("rate_limit", `${program.name} has reached a limit${text} Wait, or pick another model.`);
  }
  if (error.code === wrongParameters) {
    return new ModelError("invalid_request", `${program.name} did not accept the request${text} Pick another model.`);
  }
  return new ModelError("overloaded", `${program.name} could not answer${text} Try again.`, { retryable: true });
}

export function garbageFailure({ name }: AgentProgram, cause: unknown): ModelError {
  const message = `${name} wrote something that cannot be understood. Is the command the right one? Update it, or pick another model.`;
  return new ModelError("network", message, { retryable: true, cause });
}

export function silentFailure({ name }: AgentProgram, ms: number, stage: Stage): ModelError {
  const seconds = Math.max(1, Math.round(ms / 1000));
  if (stage === "answering") return networkFailure(`${name} went silent in the middle of an answer. Try again.`);
  const what = stage === "starting" ? "has not started up" : "has not answered";
  return networkFailure(`${name} ${what} for ${seconds} s. Try again, or pick another model.`);
}

export function floodFailure({ name }: AgentProgram, requests: number): ModelError {
  const message = `${name} kept using tools of its own, though each is refused (${requests} tries). Pick another model.`;
  return new ModelError("overloaded", message);
}

export function unfencedFailure({ name }: AgentProgram, cause: unknown): ModelError {
  const message = `${name} did not take on the mode in which it changes nothing. Update it, or pick another model.`;
  return new ModelError("overloaded", message, { cause });
}

export function cancelledFailure({ name }: AgentProgram): ModelError {
  return networkFailure(`${name} stopped the turn by itself. Try again.`);
}

export function closedFailure({ name }: AgentProgram): ModelError {
  return new ModelError("aborted", `${name} was shut down.`);
}

export function abortedFailure({ name }: AgentProgram): ModelError {
  return new ModelError("aborted", `The call to ${name} was stopped.`);
}

export function cageFailure({ name }: AgentProgram, cause: unknown): ModelError {
  const message = `No folder could be made for ${name} to run in. Is the disk full, or the temporary folder locked?`;
  return new ModelError("overloaded", message, { cause });
}

function networkFailure(message: string): ModelError {
  return new ModelError("network", message, { retryable: true });
}

/** What a program said, fit to be shown: no keys, no long quotations. */
function sentenceOf(line: string): string {
  return complaintOf(line).text;
}
