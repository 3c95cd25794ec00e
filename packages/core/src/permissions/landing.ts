import type { Json } from "@orquestra/protocol";
import { touchesNothing } from "../tools/index.ts";
import { type JudgedCall, isEffectful } from "./call.ts";
import { canonicalJson } from "./canonical-json.ts";
import { type Finding, allow, ask } from "./finding.ts";
import { plainObject, plainPath } from "./repeat-key.ts";

/** Where an effect lands: what tells whether another one may be the same step in other words. */
export interface Landing {
  readonly tool: string;
  /** The arguments that decide it, written plainly. */
  readonly place: { readonly [argument: string]: Json };
  /** Files and folders it names. */
  readonly writes: readonly string[];
}

export function landingOf({ tool, args }: Pick<JudgedCall, "tool" | "args">): Landing {
  const named = Object.entries(args).filter(([name]) => tool.critical.includes(name));
  const { writes } = tool.touches?.(args) ?? touchesNothing;
  return {
    tool: tool.name,
    place: plainObject(Object.fromEntries(named)),
    writes: writes === "workspace" ? [] : writes.map(plainPath),
  };
}

/**
 * After an answer broke off, or a process died, the model may write its plan anew in other words. What then lands where
 * something has landed before asks, and only the answer to this very question lets it pass. `landed`: the effects of before.
 */
export function rewrittenRule(call: JudgedCall, landed: readonly Landing[]): Finding {
  if (landed.length === 0 || !isEffectful(call.tool)) return allow;
  const landing = landingOf(call);
  const earlier = landed.find((other) => landsOn(landing, other));
  if (earlier === undefined) return allow;
  const reason = `This run was interrupted, and before that ${earlier.tool} ${deed(landing, earlier)}. It may be the same step written again.`;
  return ask(reason, "own_repeat_approval");
}

function deed(landing: Landing, earlier: Landing): string {
  const path = earlier.writes.find((written) => landing.writes.some((other) => overlap(other, written)));
  return path === undefined ? "was already called like this" : `already wrote ${path}`;
}

function landsOn(landing: Landing, earlier: Landing): boolean {
  if (landing.writes.some((path) => earlier.writes.some((other) => overlap(path, other)))) return true;
  return landing.tool === earlier.tool && mayBeSamePlace(landing, earlier);
}

/** What only one of them names may be what the other means by leaving it out. Where nothing says where it lands, it may be anywhere. */
function mayBeSamePlace(a: Landing, b: Landing): boolean {
  const common = Object.entries(a.place).filter(([name]) => Object.hasOwn(b.place, name));
  const nothingSaid = Object.keys(a.place).length + Object.keys(b.place).length === 0;
  if (nothingSaid && a.writes.length > 0 && b.writes.length > 0) return false;
  return common.every(([name, value]) => canonicalJson(value) === canonicalJson(b.place[name] ?? null));
}

function overlap(a: string, b: string): boolean {
  return a === b || a === "." || b === "." || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}
