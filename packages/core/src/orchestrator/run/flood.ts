import type { ApprovalAnswer } from "@orquestra/protocol";
import type { ApprovalRecord } from "../../persistence/index.ts";
import { allows, answerTo, askedAnew, decisionFor, raisePause } from "./cards.ts";
import type { Run } from "./run.ts";

/** So many cards in a row without a single yes, and the run may ask nothing more before somebody says that it may. */
export const cardsBeforeFlood = 5;

/**
 * Whoever is asked again and again says yes in the end. So a run that was turned down so often pauses before its next turn; false when the
 * person says that it is enough, or the run is stopped meanwhile.
 */
export async function keepFromFlooding(run: Run): Promise<boolean> {
  if (run.signal.aborted) return true;
  const last = [...run.approvals.values()].findLast(({ kind }) => kind === "flood");
  const pauseId = last === undefined || isYes(last.answer) ? raiseIfFlooded(run) : last.id;
  if (pauseId === null) return true;
  const answer = await answerTo(run, pauseId);
  return answer !== null && allows(answer.decision);
}

function raiseIfFlooded(run: Run): string | null {
  const count = cardsWithoutYes([...run.approvals.values()]);
  if (count < cardsBeforeFlood) return null;
  const question = `It keeps asking: ${count} requests were turned down. Go on?`;
  return raisePause(run, { kind: "flood", question, because: [] });
}

/** The cards since somebody last said yes to anything. One that was only asked anew counts as the one it became. */
export function cardsWithoutYes(approvals: readonly ApprovalRecord[]): number {
  const yes = approvals.findLastIndex((approval) => saysYes(approval));
  const since = approvals.slice(yes + 1).filter(({ kind }) => kind === "effects" || kind === "repeat");
  return since.filter(({ answer }) => answer?.reason !== askedAnew && answer?.by !== "system").length;
}

function saysYes({ kind, answer, todos }: ApprovalRecord): boolean {
  if (answer === null) return false;
  if (kind === "flood") return isYes(answer);
  return (kind === "effects" || kind === "repeat") && todos.some(({ todoId }) => allows(decisionFor(answer, todoId)));
}

function isYes(answer: ApprovalAnswer | null): boolean {
  return answer !== null && allows(answer.decision);
}
