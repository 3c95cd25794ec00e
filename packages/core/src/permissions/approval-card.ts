import { type ApprovalTodo, type FileDiff, type Integrity, type Json, type Label, type Provenance } from "@orquestra/protocol";
import type { AnyTool, CallPreview, CommandAccess } from "../tools/index.ts";
import { askedCommand } from "./asked-command.ts";
import { type JudgedCall, type ProposedCall, labelOfArgument } from "./call.ts";
import { frozenJsonObject } from "./canonical-json.ts";
import { commandOf } from "./command-ground.ts";
import { escapeInvisible, escapeLine, escapeObject } from "./escape-invisible.ts";

/** Where the value of an argument, or of a part of it, was taken from. */
export type ValueSource =
  | ({ readonly kind: "todo" } & ReadSource)
  /** The model wrote it, and what it had read holds the same text. */
  | ({ readonly kind: "same_text" } & ReadSource)
  /** Typed by the person who edits the todo. */
  | { readonly kind: "edited" };

export interface CardInput {
  readonly call: ProposedCall;
  /** By JSON pointer into the arguments, as in `argumentLabels`. What is not named was written by the model. */
  readonly sources: { readonly [pointer: string]: ValueSource };
  /** From `tool.preview`; null where the tool has none or it failed. */
  readonly preview: CallPreview | null;
  readonly reasons: readonly string[];
  readonly rules: { readonly allow: { readonly text: string } | null; readonly deny: { readonly text: string } };
  /** What it changes can be taken back, as the gate says. */
  readonly undoable: boolean;
  /** What its command could reach, as the gate says; null where it runs none. */
  readonly access: CommandAccess | null;
  /** What came from outside and had been read when the model wrote it. */
  readonly readBefore: readonly ReadSource[];
}

/** A result that was read, and where it is from, where it says. */
export interface ReadSource {
  readonly todoId: string;
  readonly tool: string;
  readonly place: string | null;
}

/** So many are named; the others are counted. */
const namedSources = 3;

/**
 * One todo on an approval card. What is shown is exactly what will run: nothing is left out or shortened,
 * and what a person could not see is written out.
 */
export function approvalTodo({ call, sources, preview, reasons, rules, undoable, access, readBefore }: CardInput): ApprovalTodo {
  const args = frozenJsonObject(call.args);
  const command = access === null ? null : commandOf(call);
  return {
    todoId: call.todoId,
    effects: [...call.tool.effects],
    summary: escapeLine(preview?.summary ?? summaryOf(call.tool, args)),
    arguments: escapeObject(args),
    provenance: Object.keys(args).flatMap((name) => provenanceOf(call, name, sources)),
    control: call.control,
    undoable,
    ...(command === null || access === null ? {} : { command: askedCommand(command, access) }),
    ...(readBefore.length === 0 ? {} : { readBefore: readBefores(readBefore) }),
    reasons: reasons.map(escapeLine),
    ...(preview?.diff === undefined ? {} : { diff: preview.diff.map(visibleDiff) }),
    ...(rules.allow === null ? {} : { rule: escapeLine(rules.allow.text) }),
    denyRule: escapeLine(rules.deny.text),
  };
}

function readBefores(sources: readonly ReadSource[]): string[] {
  const named = sources.slice(0, namedSources).map((source) => escapeLine(placed(source)));
  const more = sources.length - named.length;
  return more === 0 ? named : [...named, `and ${more} more`];
}

/** "run file_write(path: "a.md", text: "…")": whole, for tools without a preview. */
function summaryOf(tool: AnyTool, args: JudgedCall["args"]): string {
  const values = Object.entries(args).map(([name, value]: [string, Json]) => `${name}: ${JSON.stringify(value)}`);
  return `run ${tool.name}(${values.join(", ")})`;
}

/** One entry for the argument, or one for each part of it that was taken from somewhere. */
function provenanceOf(call: ProposedCall, name: string, sources: CardInput["sources"]): readonly Provenance[] {
  const own = `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  const parts = Object.entries(sources).filter(
    ([pointer]) => pointer === name || pointer === own || pointer.startsWith(`${own}/`),
  );
  if (parts.length === 0) return [provenance(own, labelOfArgument(call, name), null)];
  return parts.map(([pointer, source]) => provenance(pointer === name ? own : pointer, labelAt(call, pointer), source));
}

function labelAt(call: ProposedCall, pointer: string): Label {
  return call.argumentLabels[pointer] ?? call.control;
}

function provenance(argument: string, label: Label, source: ValueSource | null): Provenance {
  return {
    argument: escapeLine(argument),
    integrity: label.integrity,
    source: escapeLine(sourceText(label.integrity, source)),
  };
}

function sourceText(integrity: Integrity, source: ValueSource | null): string {
  if (source === null) return `written by the model, ${hadRead[integrity]}`;
  if (source.kind === "edited") return "edited by you";
  if (source.kind === "todo") return `copied from ${placed(source)}, ${nature[integrity]}`;
  return `${sourceText(integrity, null)}; the same stands in ${placed(source)}`;
}

/** "bill.txt, line 6, in t1 (file_read)". */
function placed({ todoId, tool, place }: ReadSource): string {
  const result = `${todoId} (${tool})`;
  return place === null ? result : `${place}, in ${result}`;
}

const nature: { readonly [I in Integrity]: string } = {
  user: "your own words",
  system: "made by the server",
  workspace: "text of a folder you trust",
  outside: "text nobody vouches for",
};

const hadRead: { readonly [I in Integrity]: string } = {
  user: "which had read only your words",
  system: "which had read only your words and the server's",
  workspace: "which had read text of a folder you trust",
  outside: "which had read text from outside",
};

function visibleDiff(diff: FileDiff): FileDiff {
  const hunks = diff.hunks.map((hunk) => {
    // Where every line ends in a carriage return, that is how the file ends its lines: no news, and nothing hidden.
    const windows = hunk.lines.every(({ text }) => text.endsWith("\r"));
    const lines = hunk.lines.map(({ kind, text }) => ({ kind, text: escapeInvisible(windows ? text.slice(0, -1) : text) }));
    return { ...hunk, lines };
  });
  return { ...diff, path: escapeLine(diff.path), hunks };
}
