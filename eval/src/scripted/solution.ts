import type { Json } from "@orquestra/protocol";

export interface Arguments {
  readonly [name: string]: Json;
}

/** A tool call as a solution means it, whatever the plan format. */
export interface PlannedCall {
  readonly tool: string;
  /** May hold `from(…)` and `text…` with the labels of other calls. */
  readonly args: Arguments;
  readonly after?: readonly string[];
  /** The call is first written so, and rightly in the next turn. Nothing in its own turn refers to it. */
  readonly slip?: { readonly tool?: string; readonly args?: Arguments };
}

export interface PlannedTurn {
  readonly say?: string;
  /** By labels that references use. */
  readonly calls: { readonly [label: string]: PlannedCall };
}

/** What the scripted model can read in its prompt. */
export interface Seen {
  /** The result of a call, as the prompt shows it; empty where there is none. */
  readonly result: (label: string) => string;
  /** `completed`, `failed`, `skipped` … as the prompt says. */
  readonly status: (label: string) => string;
}

/** A way to do a task: plans, then an answer. */
export interface Solution {
  readonly turns: readonly PlannedTurn[];
  readonly answer: string | ((seen: Seen) => string);
  /** What it answers to `ask_model`. */
  readonly asked?: (prompt: string) => string;
}

export function call(tool: string, args: Arguments, options: Pick<PlannedCall, "after" | "slip"> = {}): PlannedCall {
  return { tool, args, ...options };
}

/** The result of another call at a JSON pointer. */
export function from(label: string, pointer = ""): Json {
  return { $ref: `${label}#${pointer}` };
}

/** Text with results in it. */
export function text(strings: TemplateStringsArray, ...references: readonly Json[]): Json {
  return {
    $concat: strings.flatMap((string, index) => [...(string === "" ? [] : [string]), ...references.slice(index, index + 1)]),
  };
}

/** Calls without a word beside them. */
export function plan(calls: PlannedTurn["calls"]): PlannedTurn {
  return { calls };
}

export function onlySays(answer: Solution["answer"]): Solution {
  return { turns: [], answer };
}
