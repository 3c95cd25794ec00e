import type { CommandAccess } from "../tools/index.ts";
import { type ProposedCall, touchesOf } from "./call.ts";
import { commandOf } from "./command-ground.ts";
import { escapeLine } from "./escape-invisible.ts";

/** A call that asks, with what its command could reach where it would run: null where it runs none. */
export interface AskingCall {
  readonly call: ProposedCall;
  readonly access: CommandAccess | null;
}

/** What one todo of a plan would touch. `writes` null: any file of the folder. */
interface Touched {
  readonly reads: readonly string[] | null;
  readonly writes: readonly string[] | null;
}

/**
 * The whole of a card in one sentence: "Reads 14 files, changes 3 under src/auth, runs npm test, no network." `reading`: what the plan
 * only looks at, which asks nobody.
 */
export function blastRadius(asking: readonly AskingCall[], reading: readonly ProposedCall[]): string {
  const calls = asking.map(({ call }) => call);
  const parts = [
    ...readsOf(reading.map(touched)),
    ...changesOf(calls.filter(({ tool }) => isChange(tool.effects)).map(touched)),
    ...deletionsOf(calls.filter(({ tool }) => tool.effects.includes("destructive"))),
    ...asking.flatMap(runOf),
    ...spendingOf(calls),
    networkOf(asking),
  ];
  const sentence = parts.join(", ");
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
}

/** A tool that cannot say what it touches may touch anything. */
function touched(call: ProposedCall): Touched {
  try {
    const { reads, writes } = touchesOf(call);
    return { reads: reads === "workspace" ? null : reads, writes: writes === "workspace" ? null : writes };
  } catch {
    return { reads: null, writes: null };
  }
}

function isChange(effects: readonly string[]): boolean {
  return effects.includes("write") && !effects.includes("exec") && !effects.includes("destructive");
}

function readsOf(all: readonly Touched[]): readonly string[] {
  const files = new Set(all.flatMap(({ reads }) => reads ?? []));
  const searches = all.some(({ reads }) => reads === null) ? ["searches the folder"] : [];
  return [...(files.size === 0 ? [] : [`reads ${filesText(files)}`]), ...searches];
}

function changesOf(all: readonly Touched[]): readonly string[] {
  if (all.length === 0) return [];
  if (all.some(({ writes }) => writes === null)) return ["may change any file of the folder"];
  const files = new Set(all.flatMap(({ writes }) => writes ?? []));
  if (files.size === 0) return [all.length === 1 ? "changes something" : `changes ${all.length} things`];
  return [`changes ${filesText(files)}`];
}

function deletionsOf(calls: readonly ProposedCall[]): readonly string[] {
  if (calls.length === 0) return [];
  const files = new Set(calls.flatMap((call) => touched(call).writes ?? []));
  return [files.size === 0 ? `destroys ${counted(calls.length, "thing")}` : `deletes ${filesText(files)}`];
}

/** "src/a.ts", "3 files under src/auth", "3 files". */
function filesText(files: ReadonlySet<string>): string {
  const [first = ""] = files;
  if (files.size === 1) return escapeLine(first);
  const folder = commonFolder([...files]);
  return `${files.size} files${folder === "" ? "" : ` under ${escapeLine(folder)}`}`;
}

function commonFolder(paths: readonly string[]): string {
  const [first = [], ...others] = paths.map((path) => path.split("/").slice(0, -1));
  const length = first.findIndex((name, index) => others.some((names) => names[index] !== name));
  return first.slice(0, length === -1 ? first.length : length).join("/");
}

function runOf({ call, access }: AskingCall): readonly string[] {
  if (access === null) return [];
  const command = commandOf(call);
  const what = command === null ? `a program (${call.tool.name})` : escapeLine(command.text);
  return [`runs ${what}${access === "machine" ? " with all your rights" : ""}`];
}

function spendingOf(calls: readonly ProposedCall[]): readonly string[] {
  const spends = calls.filter(({ tool }) => tool.effects.includes("spend"));
  return spends.length === 0 ? [] : [`spends money${spends.length === 1 ? "" : ` ${spends.length} times`}`];
}

function networkOf(asking: readonly AskingCall[]): string {
  const sending = asking.filter(({ call }) => call.tool.effects.includes("egress"));
  const open = asking.some(({ access }) => access !== null && access !== "sandbox");
  const hosts = new Set(sending.flatMap(({ call }) => Object.values(call.args)).flatMap(hostIn));
  if (open) return "with the network";
  if (sending.length === 0) return "no network";
  return hosts.size === 0
    ? `sends ${counted(sending.length, "thing")} out`
    : `reaches ${[...hosts].map(escapeLine).join(" and ")}`;
}

function hostIn(value: unknown): readonly string[] {
  if (typeof value !== "string" || !/^https?:\/\//i.test(value) || !URL.canParse(value)) return [];
  return [new URL(value).host];
}

function counted(count: number, what: string): string {
  return count === 1 ? `one ${what}` : `${count} ${what}s`;
}
