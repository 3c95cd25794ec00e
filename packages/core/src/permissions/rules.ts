import { isAtLeast, joinAll, joinLabels } from "@orquestra/protocol";
import { isProtectedPath, isSecretPath, makesRepository } from "../tools/index.ts";
import {
  type JudgedCall,
  type ProposedCall,
  argumentsBelow,
  isEffectful,
  labelOfArgument,
  labelOfInputs,
  touchesOf,
} from "./call.ts";
import { type CommandGround, commandOf, isConfined, onlyLooks, runsCommand } from "./command-ground.ts";
import { type Finding, allow, ask, deny } from "./finding.ts";
import { type Landing, rewrittenRule } from "./landing.ts";
import { type Place, isWithin, placeIn } from "./place.ts";
import { repeatsBeforePause } from "./built-in-policy.ts";

/** What a fixed rule may look at beside the call. */
export interface Circumstances {
  /** Real paths no tool may touch. */
  readonly ownFolders: readonly string[];
  readonly commands: CommandGround;
  /** How often the same call was carried out in this run. */
  readonly repeats: number;
  /** Where effects landed before the run was interrupted. */
  readonly landed: readonly Landing[];
}

export interface FixedRule {
  readonly name: "R1" | "R2" | "R3" | "R4" | "R5" | "R6" | "R7" | "R8";
  readonly find: (call: JudgedCall, at: Circumstances) => readonly Finding[];
}

/** The fixed rules: pure, in force in every mode, loosened by no policy. */
export const fixedRules: readonly FixedRule[] = [
  { name: "R1", find: (call) => [controlRule(call)] },
  { name: "R2", find: (call) => [criticalRule(call)] },
  { name: "R3", find: (call) => [writtenTextRule(call)] },
  { name: "R4", find: (call) => [secretRule(call), flowRule(call)] },
  { name: "R5", find: (call) => [irrevocableRule(call)] },
  { name: "R6", find: (call, { commands }) => [commandRule(call, commands)] },
  { name: "R7", find: (call, { ownFolders }) => pathRules(call, ownFolders) },
  { name: "R8", find: (call, { repeats, landed }) => [repeatRule(call, repeats), rewrittenRule(call, landed)] },
];

/** R1: an effect that untrusted text may have asked for is only a proposal. */
export function controlRule(call: ProposedCall): Finding {
  if (!isEffectful(call.tool) || isAtLeast(call.control.integrity, "workspace")) return allow;
  return ask("Suggested after reading text from outside, which may have asked for it.");
}

/** R2: where an effect lands is not for outside text to decide. */
export function criticalRule(call: ProposedCall): Finding {
  if (!isEffectful(call.tool)) return allow;
  const critical = argumentsBelow(call, "workspace").filter((name) => call.tool.critical.includes(name));
  if (critical.length === 0) return allow;
  return ask(`${listed(critical)} ${critical.length === 1 ? "decides" : "decide"} where this lands and came from outside.`);
}

/** The arguments that came from outside: whoever looks is shown which they are. */
export function markedArguments(call: ProposedCall): readonly string[] {
  return argumentsBelow(call, "workspace");
}

/**
 * R3: in another argument text from outside passes, marked, but into no file of a trusted folder. That counts as the folder's own
 * when it is read another day, so what the text says would then be followed.
 */
export function writtenTextRule(call: ProposedCall): Finding {
  if (!isEffectful(call.tool) || runsCommand(call) || call.workspace?.trusted !== true) return allow;
  const { writes } = touchesOf(call);
  // R2 speaks of those that decide where it lands.
  const others = markedArguments(call).filter((name) => !call.tool.critical.includes(name));
  if (writes.length === 0 || others.length === 0) return allow;
  return ask("It writes text from outside into a folder whose files you trust.");
}

/** A secret goes nowhere, and what stands in the place of one is not what was meant: no effect has either, whoever would allow it. */
export function secretRule(call: ProposedCall): Finding {
  if (!isEffectful(call.tool) || labelOfInputs(call).confidentiality !== "secret") return allow;
  const secret = Object.keys(call.args).filter((name) => labelOfArgument(call, name).confidentiality === "secret");
  if (secret.length === 0) return allow;
  const held = `${listed(secret)} of ${call.tool.name} ${secret.length === 1 ? "holds" : "hold"}`;
  return deny(
    "secret_value",
    `${held} a secret of this server, or what stands in its place. Leave it out, or let the user do this.`,
  );
}

/**
 * R4: no destination counts as a reader yet, so what is not public leaves only with an approval, and a secret never. A command
 * that wants the network sends like any other.
 */
export function flowRule(call: ProposedCall): Finding {
  const { effects, name } = call.tool;
  if (!effects.includes("egress") && !runsCommand(call)) return allow;
  const carried = joinLabels(call.control, joinAll(Object.keys(call.args).map((argument) => labelOfArgument(call, argument))));
  if (carried.confidentiality === "secret")
    return deny("secret_value", `A secret would leave through ${name}. Secrets are never sent.`);
  if (carried.confidentiality === "public" || !sends(call)) return allow;
  const readers = carried.confidentiality.join(", ");
  return ask(`It sends something out after reading what only ${readers === "" ? "nobody" : readers} may read.`);
}

/** R5: what cannot be taken back asks each time; no standing rule covers it. */
export function irrevocableRule(call: ProposedCall): Finding {
  if (call.tool.effects.includes("destructive")) return ask("It destroys something. That always asks.");
  return call.tool.effects.includes("spend") ? ask("It spends money. That always asks.") : allow;
}

/** R6: only what the sandbox holds and can be undone may ever run unasked. Any other command asks: no standing rule lifts that. */
export function commandRule(call: ProposedCall, ground: CommandGround): Finding {
  if (!runsCommand(call)) return allow;
  if (isConfined(call, ground)) {
    const lost = ground.undo.covered || onlyLooks(call, ground) ? null : ground.undo.why;
    return lost === null ? allow : ask(`What the command changes cannot be undone: ${lost}`);
  }
  if (ground.sandbox === "none")
    return ask("It runs a command on this machine with your rights, and what that does cannot be undone.");
  const command = commandOf(call);
  if (command === null) return ask(`${call.tool.name} does not say what it runs, so it asks every time.`);
  return ask(
    command.access === "network"
      ? "It runs a command that can reach the network. That asks every time."
      : "It runs a command outside the sandbox, with your rights. That asks every time.",
  );
}

/** R7: secrets and the server's own folders are out of reach; protected paths ask whoever is in control. */
export function pathRules(call: ProposedCall, ownFolders: readonly string[]): readonly Finding[] {
  const { reads, writes } = touchesOf(call);
  const read = reads === "workspace" ? [] : reads;
  const written = new Set(writes === "workspace" ? [] : writes);
  // Most of what is written is read before: each is looked at once.
  const touched = [...new Set([...read, ...written])].map((path) => placeOf(call, path));
  return [
    ...touched.map((place) => (call.workspace === null ? noFolder : reachable(place, ownFolders))),
    ...touched.filter(({ path }) => written.has(path)).map(protection),
    writes === "workspace" && !runsCommand(call) ? ask("It may change any file of the folder, protected ones too.") : allow,
  ];
}

/** R8, and the rule that no effect happens twice by accident. `count`: how often the same call was carried out in this run. */
export function repeatRule(call: ProposedCall, count: number): Finding {
  if (count >= repeatsBeforePause) {
    return ask(`The same call was already carried out ${count} times in this run.`, "repeat_approval");
  }
  return count > 0 && isEffectful(call.tool) ? ask("The same was already done in this run.") : allow;
}

/** `sandbox` is left to R6: it reaches no network where there is a sandbox, and asks where there is none. */
function sends(call: ProposedCall): boolean {
  return call.tool.effects.includes("egress") || (commandOf(call)?.access ?? "sandbox") !== "sandbox";
}

interface NamedPlace extends Place {
  readonly path: string;
}

function placeOf({ workspace }: ProposedCall, path: string): NamedPlace {
  // Without a folder no path lies inside: the root of the file system stands in, and `inside` is taken back.
  return workspace === null ? { ...placeIn("/", path), inside: false, path } : { ...placeIn(workspace.root, path), path };
}

const noFolder = deny("outside_workspace", "This session has no folder; open one to use its files.");

function reachable(place: NamedPlace, ownFolders: readonly string[]): Finding {
  if (ownFolders.some((folder) => isWithin(folder, place.absolute))) {
    return deny("own_folder", `${place.path} belongs to the server itself. No tool may touch it.`);
  }
  if (!place.inside) return deny("outside_workspace", `${place.path} lies outside the folder of this session.`);
  return isSecretPath(place.relative) ? deny("secret_path", `${place.path} holds secrets. No tool may touch it.`) : allow;
}

function protection(place: NamedPlace): Finding {
  if (place.relative === "") return ask("It may change any file of the folder, protected ones too.");
  const isProtected = isProtectedPath(place.relative) || makesRepository(place.relative);
  return isProtected ? ask(`${place.path} is protected: what it holds can make programs run.`) : allow;
}

function listed(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(" and ");
}
