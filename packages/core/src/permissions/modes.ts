import { type Mode, isAtLeast } from "@orquestra/protocol";
import { type ProposedCall, argumentsBelow, touchesOf } from "./call.ts";
import { type CommandGround, isConfined, isUndoable, runsCommand } from "./command-ground.ts";
import { type Finding, allow, ask, deny } from "./finding.ts";
import { type EffectiveMode, type ModeAnswer, type Reach, defaultPolicy } from "./built-in-policy.ts";
import { PermissionError } from "./permission-error.ts";
import { placeIn } from "./place.ts";

/** From the narrowest to the widest. */
const reaches: readonly Reach[] = ["plan", "ask", "workspace"];
const strictness: readonly ModeAnswer[] = ["allow", "if_undoable", "ask", "deny"];

/**
 * What a session may do under the server's ceiling: the narrower of both reaches. `headless` is orthogonal to reach and wins
 * from either side: it reaches as far as `ask` and has nobody to answer, so only reads and standing rules get through.
 */
export function effectiveMode(session: Mode, ceiling: Mode): EffectiveMode {
  const widest = Math.min(reaches.indexOf(reachOf(session)), reaches.indexOf(reachOf(ceiling)));
  return { reach: reaches[widest] ?? "plan", attended: session !== "headless" && ceiling !== "headless" };
}

/** What the mode says of a call: the strictest answer of the built-in policy over the tool's effects. */
export function modeRule(call: ProposedCall, { reach }: EffectiveMode, ground: CommandGround): Finding {
  const answer = strictestAnswer(call, reach);
  const { name } = call.tool;
  if (answer === "deny") return deny("mode_plan", `Mode plan only reads, and ${name} does more. Switch the session to mode ask.`);
  if (answer === "allow" || (answer === "if_undoable" && runsByItself(call, ground))) return allow;
  const free = runsCommand(call) && !isConfined(call, ground);
  return ask(answer === "ask" || free ? `Mode ${reach} asks before ${effectWords(call)}.` : wordsFor(call), "rule");
}

function wordsFor(call: ProposedCall): string {
  if (runsCommand(call))
    return "Mode workspace lets only commands run that can be undone and that nothing from outside went into.";
  return "Mode workspace lets only changes run that stay inside the folder and can be undone.";
}

function strictestAnswer(call: ProposedCall, reach: Reach): ModeAnswer {
  const levels = call.tool.effects.map((effect) => strictness.indexOf(defaultPolicy[reach][effect]));
  if (levels.includes(-1))
    throw new PermissionError("unknown_effect", `${call.tool.name} declares an effect that no rule knows.`);
  return strictness[Math.max(0, ...levels)] ?? "deny";
}

/** What can be undone, stays inside the folder and is decided by nothing from outside. */
function runsByItself(call: ProposedCall, ground: CommandGround): boolean {
  if (!isUndoable(call, ground) || !isAtLeast(call.control.integrity, "workspace")) return false;
  return runsCommand(call) ? argumentsBelow(call, "workspace").length === 0 : staysInside(call);
}

/** It names the files that it changes, and all lie inside. */
function staysInside(call: ProposedCall): boolean {
  const { writes } = touchesOf(call);
  const { workspace } = call;
  if (workspace === null || writes === "workspace" || writes.length === 0) return false;
  return writes.every((path) => placeIn(workspace.root, path).inside);
}

function reachOf(mode: Mode): Reach {
  return mode === "headless" ? "ask" : mode;
}

function effectWords(call: ProposedCall): string {
  const words = call.tool.effects.filter((effect) => effect !== "read").map((effect) => effectWord[effect]);
  return words.join(", ");
}

const effectWord = {
  write: "changing something",
  destructive: "destroying something",
  exec: "running a command",
  egress: "sending something out",
  spend: "spending money",
} as const;
