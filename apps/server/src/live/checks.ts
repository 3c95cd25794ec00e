import { type LanguageModel, messageOf } from "@orquestra/core";
import type { Usage } from "@orquestra/protocol";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type LiveSession, type RunEnd, openLiveSession } from "./live-session.ts";

export interface CheckResult {
  readonly name: string;
  readonly ms: number;
  /** What is wrong; null when it passed. */
  readonly problem: string | null;
  readonly usage: Usage;
  /** US dollars; null where it is not known. */
  readonly cost: number | null;
}

interface Check {
  readonly name: string;
  /** What is wrong; null when it passed. */
  readonly run: (session: LiveSession, signal: AbortSignal) => Promise<{ readonly end: RunEnd; readonly problem: string | null }>;
}

const files = {
  "harbour.txt": "The lantern of pier 7 burns until 04:00.\n",
  "colour.txt": "The door is blue.\n",
  "other.txt": "Nothing.\n",
};

const checks: readonly Check[] = [
  {
    name: "plan",
    run: async (session, signal) => {
      const end = await session.run(
        "Use your tools: read harbour.txt and colour.txt. Then say the number of the pier and the colour of the door.",
        {
          signal,
        },
      );
      const read = countOf(session, ({ type }) => type === "todo-completed");
      return { end, problem: finished(end) ?? (read < 2 ? `${read} of 2 files were read` : missing(session, ["7", "blue"])) };
    },
  },
  {
    name: "chained call",
    run: async (session, signal) => {
      const text =
        "In one plan: search the files for the word lantern, and read the file that the search finds by referring to its result. Then say until when the lantern burns.";
      const end = await session.run(text, { signal });
      const chained = countOf(session, (event) => event.type === "todo-added" && event.data.todo.dependsOn.length > 0);
      return { end, problem: finished(end) ?? (chained === 0 ? "no todo referred to another" : missing(session, ["04:00"])) };
    },
  },
  {
    name: "edit",
    run: async (session, signal) => {
      const end = await session.run("Replace the word blue with green in colour.txt.", { signal });
      const text = await readFile(join(session.folder, "colour.txt"), "utf8");
      return { end, problem: finished(end) ?? (text === "The door is green.\n" ? null : "the file was not edited as asked") };
    },
  },
  {
    name: "cancel",
    run: async (session, signal) => {
      const end = await session.run("Without tools, count from 1 to 400 in words.", { signal, cancelAfter: "part-opened" });
      return { end, problem: end.type === "run-cancelled" && !signal.aborted ? null : `it ended as ${end.type}` };
    },
  },
];

/** Carries out every check with the model, side by side, until the signal stops them. */
export function runChecks(model: LanguageModel, signal: AbortSignal): Promise<readonly CheckResult[]> {
  return Promise.all(checks.map((check) => runCheck(check, model, signal)));
}

async function runCheck({ name, run }: Check, model: LanguageModel, signal: AbortSignal): Promise<CheckResult> {
  const began = performance.now();
  const ms = (): number => Math.round(performance.now() - began);
  const session = await openLiveSession(model, files);
  try {
    const { end, problem } = await run(session, signal);
    const { usage = { inputTokens: 0, outputTokens: 0 }, cost = null } = end.data;
    return { name, ms: ms(), problem: signal.aborted && problem !== null ? "not done in time" : problem, usage, cost };
  } catch (error) {
    return { name, ms: ms(), problem: messageOf(error), usage: { inputTokens: 0, outputTokens: 0 }, cost: null };
  } finally {
    await session.close();
  }
}

function finished(end: RunEnd): string | null {
  if (end.type === "run-failed") return end.data.error.message;
  if (end.type === "run-completed" && end.data.stopReason === "end_turn") return null;
  return end.type === "run-completed" ? `it ended with ${end.data.stopReason}` : "it was cancelled";
}

function countOf({ events }: LiveSession, test: (event: LiveSession["events"][number]) => boolean): number {
  return events.filter(test).length;
}

function missing({ events }: LiveSession, words: readonly string[]): string | null {
  const said = events.flatMap((event) => (event.type === "message-completed" ? [event.data.text] : [])).join("\n");
  const left = words.filter((word) => !said.includes(word));
  return left.length === 0 ? null : `the answer does not say ${left.join(" and ")}`;
}
