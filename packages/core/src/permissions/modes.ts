import { type Mode, isAtLeast } from "@orquestra/protocol";
import { type ProposedCall, touchesOf } from "./call.ts";
import { type Finding, allow, ask, deny } from "./finding.ts";
import { type EffectiveMode, type PolicyAnswer, type Reach, defaultPolicy } from "./policy.ts";
import { PermissionError } from "./permission-error.ts";
import { placeIn } from "./place.ts";

/** From the narrowest to the widest. */
const reaches: readonly Reach[] = ["plan", "ask", "workspace"];
const strictness: readonly PolicyAnswer[] = ["allow", "if_undoable", "ask", "deny"];

/**
 * What a session may do under the server's ceiling: the narrower of both reaches. `headless` is orthogonal to reach and wins
 * from either side: it reaches as far as `ask` and has nobody to answer, so only reads and standing rules get through.
 */
export function effectiveMode(session: Mode, ceiling: Mode): EffectiveMode {
  const widest = Math.min(reaches.indexOf(reachOf(session)), reaches.indexOf(reachOf(ceiling)));
  return { reach: reaches[widest] ?? "plan", attended: session !== "headless" && ceiling !== "headless" };
}

/** What the mode says of a call: the strictest answer of the built-in policy over the tool's effects. */
export function modeRule(call: ProposedCall, { reach }: EffectiveMode): Finding {
  const answer = strictestAnswer(call, reach);
  const { name } = call.tool;
  if (answer === "deny") return deny("mode_plan", `Mode plan only reads, and ${name} does more. Switch the session to mode ask.`);
  if (answer === "ask") return ask(`Mode ${reach} asks before ${effectWords(call)}.`, "rule");
  if (answer === "allow" || runsByItself(call)) return allow;
  return ask("Mode workspace lets only changes run that stay inside the folder and can be undone.", "rule");
}

function strictestAnswer(call: ProposedCall, reach: Reach): PolicyAnswer {
  const levels = call.tool.effects.map((effect) => strictness.indexOf(defaultPolicy[reach][effect]));
  if (levels.includes(-1))
    throw new PermissionError("unknown_effect", `${call.tool.name} declares an effect that no rule knows.`);
  return strictness[Math.max(0, ...levels)] ?? "deny";
}

/** A change that checkpoints cover, to named files inside the folder, decided by nothing from outside. */
function runsByItself(call: ProposedCall): boolean {
  const { writes } = touchesOf(call);
  const { workspace } = call;
  if (!call.tool.undoable || workspace === null || writes === "workspace" || writes.length === 0) return false;
  return isAtLeast(call.control.integrity, "workspace") && writes.every((path) => placeIn(workspace.root, path).inside);
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
