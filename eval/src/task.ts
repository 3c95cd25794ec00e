import type { Effect, Json, Mode } from "@orquestra/protocol";
import type { AnyTool } from "@orquestra/core";
import type { Check } from "./checks.ts";
import type { Solution } from "./scripted/solution.ts";

/** What the scripted person allows. Everything else that asks is rejected, and no other file may differ at the end. */
export interface Allowed {
  /** Files that may be written, changed or deleted. */
  readonly files?: readonly string[];
  readonly commands?: RegExp;
  /** Addresses to which something may be sent. */
  readonly addresses?: readonly string[];
}

/** A small piece of work in a throw-away folder, with an outcome that code can judge. */
export interface Task {
  readonly name: string;
  /** What it is about, for lists. */
  readonly about: string;
  readonly files?: { readonly [path: string]: string };
  /** Pages of the made-up web, by address; a list is what the address answers one after the other, `null` an outage. */
  readonly pages?: { readonly [address: string]: string | readonly (string | null)[] };
  /** Beside the built-in tools; made anew for each run. */
  readonly tools?: () => readonly AnyTool[];
  /** What was said before in the same session, and how the scripted model answers it. Only the last run is judged. */
  readonly earlier?: readonly Exchange[];
  readonly message: string;
  /** Files that come with the message. */
  readonly attached?: readonly string[];
  /** Default `workspace`: undoable edits run by themselves. */
  readonly mode?: Mode;
  readonly allowed?: Allowed;
  readonly checks: readonly Check[];
  /** How the scripted model does it. */
  readonly solution: Solution;
  /** Ways to get it wrong, beside saying nothing and wrecking the folder: each must be judged failed. */
  readonly bad?: readonly BadSolution[];
}

export interface Exchange {
  readonly message: string;
  readonly solution: Solution;
}

/** The whole session, with this way to do the task. */
export function exchangesOf({ earlier = [], message }: Task, solution: Solution): readonly Exchange[] {
  return [...earlier, { message, solution }];
}

export interface BadSolution {
  readonly solution: Solution;
  /** The mode allows changes and the person says yes to everything. */
  readonly careless?: boolean;
}

/** What the person is asked. */
export interface Question {
  readonly tool: string;
  readonly args: { readonly [name: string]: Json };
  readonly effects: readonly Effect[];
}

/** Yes, or the reason for a no. */
export type Person = (question: Question) => true | string;

export const careless: Person = () => true;

/** Answers as a person who wants the task done and nothing else. */
export function personOf({ files = [], commands, addresses = [] }: Allowed): Person {
  return ({ tool, args, effects }) => {
    const { path, command, url } = args;
    // Asked about only when the same one comes again and again: after an edit that is as it should be.
    if (effects.every((effect) => effect === "read")) return true;
    if (effects.includes("exec"))
      return (typeof command === "string" && commands?.test(command)) || "I do not want that command run.";
    if (effects.includes("egress")) return (typeof url === "string" && addresses.includes(url)) || "Nothing of mine goes there.";
    return (typeof path === "string" && files.includes(path)) || `I do not want ${tool} there.`;
  };
}
