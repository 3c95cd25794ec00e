import type { RecordedRequest, Reply } from "@orquestra/core/testing";
import type { Pace } from "../lib/pace.ts";
import { codingWorkloads } from "./coding-workloads.ts";
import { dagWorkloads } from "./dag-workloads.ts";
import { type NativeCall, oneCallATurn, turnsOfCalls } from "./native-calls.ts";
import { planJson, planLines } from "./plan-text.ts";
import { type Workload, answer, longestChainFirst } from "./workload.ts";

/** How the model goes about it. */
export const styles = ["as written", "longest first", "one call a turn", "calls per turn", "json plan"] as const;
export type Style = (typeof styles)[number];

export const workloads: readonly Workload[] = [...dagWorkloads, ...codingWorkloads];

/** Stands in the user's message and tells the model server whose turn it is. */
export function marker(workload: Workload, style: Style, nonce: string): string {
  return `[[bench ${workload.name}|${style}|${nonce}]]`;
}

/** Answers each request with the next turn of the run that is named in it. */
export function scriptFor(pace: Pace): (request: RecordedRequest) => Reply {
  const turns = new Map<string, readonly Reply[]>();
  const next = new Map<string, number>();
  const turnsOf = (name: string, style: string): readonly Reply[] => {
    const key = `${name}|${style}`;
    const made = turns.get(key) ?? repliesOf(name, style).map((reply) => paced(reply, pace));
    turns.set(key, made);
    return made;
  };
  return ({ body }) => {
    const [, name = "", style = "", nonce = ""] = /\[\[bench (.*?)\|(.*?)\|(.*?)\]\]/.exec(JSON.stringify(body)) ?? [];
    const run = `${name}|${style}|${nonce}`;
    const turn = next.get(run) ?? 0;
    next.set(run, turn + 1);
    return turnsOf(name, style)[turn] ?? { status: 400, error: { message: `${run} has no turn ${turn + 1}` } };
  };
}

function paced(reply: Reply, { firstTokenMs, tokensPerSecond }: Pace): Reply {
  return { ...reply, firstTokenDelayMs: firstTokenMs, tokensPerSecond };
}

function repliesOf(name: string, style: string): readonly Reply[] {
  const todos = workloads.find((workload) => workload.name === name)?.todos ?? [];
  const last: Reply = { text: answer };
  if (style === "as written") return [{ text: planLines(todos).text }, last];
  if (style === "longest first") return [{ text: planLines(longestChainFirst(todos)).text }, last];
  if (style === "json plan") return [{ text: planJson(todos).text }, last];
  if (style === "calls per turn") return [...turnsOfCalls(todos).map((calls) => callReply(calls, 0)), last];
  if (style === "one call a turn") return [...oneCallATurn(todos).map((calls) => callReply(calls, thoughtTokens)), last];
  return [];
}

/** What a model writes before it calls, one call a turn, and what the form of a call takes beside its arguments. */
const thoughtTokens = 25;
const tokensPerCall = 6;

function callReply(calls: readonly NativeCall[], thought: number): Reply {
  const form = thought + tokensPerCall * calls.length;
  return { text: "and ".repeat(form), calls: calls.map(({ id, name, arguments: args }) => ({ id, name, arguments: args })) };
}
