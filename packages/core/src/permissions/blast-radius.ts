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
    ...readsOf([...reading.map(touched), ...calls.filter(({ tool }) => !tool.effects.includes("exec")).map(besideWrites)]),
    ...changesOf(calls.filter(({ tool }) => isChange(tool.effects)).map(touched)),
    ...deletionsOf(calls.filter(({ tool }) => tool.effects.includes("destructive")).map(touched)),
    ...asking.flatMap(runOf),
    ...spendingOf(calls),
    ...networkOf(asking),
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

/** What else a call looks at: what it changes it reads in any case. Only of tools that say that they read may it be anything. */
function besideWrites(call: ProposedCall): Touched {
  const { reads, writes } = touched(call);
  if (reads === null) return { reads: call.tool.effects.includes("read") ? null : [], writes };
  return { reads: reads.filter((path) => writes?.includes(path) !== true), writes };
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
  const unnamed = all.filter(({ writes }) => writes?.length === 0).length;
  if (files.size === 0) return [unnamed === 1 ? "changes something" : `changes ${unnamed} things`];
  return [`changes ${filesText(files)}`, ...(unnamed === 0 ? [] : [`and ${counted(unnamed, "thing")} more`])];
}

function deletionsOf(all: readonly Touched[]): readonly string[] {
  if (all.some(({ writes }) => writes === null)) return ["may destroy any file of the folder"];
  const files = new Set(all.flatMap(({ writes }) => writes ?? []));
  const unnamed = all.filter(({ writes }) => writes?.length === 0).length;
  const destroyed = unnamed === 0 ? [] : [`destroys ${counted(unnamed, "thing")}`];
  return [...(files.size === 0 ? [] : [`deletes ${filesText(files)}`]), ...destroyed];
}

/** "src/a.ts", "3 files under src/auth", "3 files". */
function filesText(files: ReadonlySet<string>): string {
  const [first = ""] = files;
  if (files.size === 1) return named(first);
  const folder = commonFolder([...files]);
  return `${files.size} files${folder === "" ? "" : ` under ${named(folder)}`}`;
}

/** In quotes where it could be taken for more of the sentence, or its ends could not be seen: a file may be called "a, no network". */
function named(text: string): string {
  const shown = escapeLine(text).replaceAll(/[“”]/g, (quote) => `\\u{${(quote.codePointAt(0) ?? 0).toString(16)}}`);
  return /^[^\s,;“”]+(?: [^\s,;“”]+)*$/.test(shown) && !shown.endsWith(".") ? shown : `“${shown}”`;
}

function commonFolder(paths: readonly string[]): string {
  const [first = [], ...others] = paths.map((path) => path.split("/").slice(0, -1));
  const length = first.findIndex((name, index) => others.some((names) => names[index] !== name));
  return first.slice(0, length === -1 ? first.length : length).join("/");
}

function runOf({ call, access }: AskingCall): readonly string[] {
  if (access === null) return [];
  const command = commandOf(call);
  const what = command === null ? `a program (${call.tool.name})` : named(command.text);
  return [`runs ${what}${access === "machine" ? " with all your rights" : ""}`];
}

function spendingOf(calls: readonly ProposedCall[]): readonly string[] {
  const spends = calls.filter(({ tool }) => tool.effects.includes("spend"));
  return spends.length === 0 ? [] : [`spends money${spends.length === 1 ? "" : ` ${spends.length} times`}`];
}

function networkOf(asking: readonly AskingCall[]): readonly string[] {
  if (asking.some(({ access }) => access !== null && access !== "sandbox")) return ["with the network"];
  const sending = asking.filter(({ call }) => call.tool.effects.includes("egress")).map(hostsOf);
  if (sending.length === 0) return ["no network"];
  const hosts = new Set(sending.flat());
  const elsewhere = sending.filter((reached) => reached.length === 0).length;
  const sent = elsewhere === 0 ? [] : [`sends ${counted(elsewhere, "thing")} ${hosts.size === 0 ? "out" : "elsewhere"}`];
  return [...(hosts.size === 0 ? [] : [`reaches ${[...hosts].map(named).join(" and ")}`]), ...sent];
}

function hostsOf({ call }: AskingCall): readonly string[] {
  return Object.values(call.args).flatMap(hostIn);
}

function hostIn(value: unknown): readonly string[] {
  if (typeof value !== "string" || !/^https?:\/\//i.test(value) || !URL.canParse(value)) return [];
  return [new URL(value).host];
}

function counted(count: number, what: string): string {
  return count === 1 ? `one ${what}` : `${count} ${what}s`;
}
