import { type Json, type TodoState, jsonSchema } from "@orquestra/protocol";
import { isList, isObject, referenceWords } from "../lib/value.ts";

type Arguments = TodoState["args"];

/** How an argument is written in the form. */
export type Draft =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "json"; readonly text: string }
  /** The result of another todo: kept as it is, or replaced by another kind. */
  | { readonly kind: "reference"; readonly words: string }
  /** Text with results in it, as `{{result of 1 › path}}`. */
  | { readonly kind: "template"; readonly text: string };

export interface Field {
  readonly name: string;
  /** As the todo has it now. */
  readonly original: Json;
  readonly draft: Draft;
}

export type Read = { readonly status: "fine"; readonly value: Json } | { readonly status: "wrong"; readonly message: string };

export function fieldsOf(args: Arguments): readonly Field[] {
  return Object.entries(args).map(([name, original]) => ({ name, original, draft: draftOf(original) }));
}

export function draftOf(value: Json): Draft {
  if (typeof value === "string") return { kind: "text", text: value };
  if (typeof value === "number") return { kind: "number", text: String(value) };
  if (typeof value === "boolean") return { kind: "boolean", value };
  if (!isObject(value)) return { kind: "json", text: indented(value) };
  const { $ref, $concat, $literal } = value;
  if (typeof $ref === "string") return { kind: "reference", words: referenceWords($ref) };
  if (isList($concat)) return { kind: "template", text: $concat.map(pieceText).join("") };
  return { kind: "json", text: indented($literal ?? value) };
}

/** Whether the person wrote something else than what stands there. */
export function isChanged({ original, draft }: Field): boolean {
  const before = draftOf(original);
  return JSON.stringify(before) !== JSON.stringify(draft);
}

/** The value a field stands for, in stored form; what was not changed is passed on untouched. */
export function read(field: Field): Read {
  if (!isChanged(field)) return fine(field.original);
  const { draft, original } = field;
  switch (draft.kind) {
    case "text":
      return fine(draft.text);
    case "boolean":
      return fine(draft.value);
    case "number":
      return readNumber(draft.text);
    case "json":
      return readJson(draft.text, original);
    case "template":
      return readTemplate(draft.text, original);
    case "reference":
      return fine(original);
  }
}

/** All arguments, or what is wrong with which. */
export function readAll(fields: readonly Field[]): {
  readonly args: { readonly [name: string]: Json };
  readonly wrong: { readonly [name: string]: string };
} {
  const args: Record<string, Json> = {};
  const wrong: Record<string, string> = {};
  for (const field of fields) {
    const result = read(field);
    if (result.status === "fine") args[field.name] = result.value;
    else wrong[field.name] = result.message;
  }
  return { args, wrong };
}

function readNumber(text: string): Read {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? fine(value) : refused("This must be a number.");
}

function readJson(text: string, original: Json): Read {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return refused(`This is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const value = jsonSchema.safeParse(parsed);
  if (!value.success) return refused("This is not JSON.");
  return fine(isObject(original) && "$literal" in original ? { $literal: value.data } : value.data);
}

const inBraces = /\{\{(result of [^{}]*)\}\}/;

/** Puts the results back where their words stand. Words nobody put there are a slip, not text. */
function readTemplate(text: string, original: Json): Read {
  const pieces = isObject(original) && isList(original["$concat"]) ? original["$concat"] : [];
  const known = new Map(pieces.filter(isObject).map((piece) => [pieceText(piece), piece]));
  const parts: Json[] = [];
  for (const [index, part] of text.split(inBraces).entries()) {
    if (index % 2 === 0) {
      if (part !== "") parts.push(part);
      continue;
    }
    const reference = known.get(`{{${part}}}`);
    if (reference === undefined) return refused(`No “${part}” was used here. Take it out, or write it as it was.`);
    parts.push(reference);
  }
  const plain = parts.every((part) => typeof part === "string");
  return fine(plain ? parts.join("") : { $concat: parts });
}

function pieceText(piece: Json): string {
  if (typeof piece === "string") return piece;
  return isObject(piece) && typeof piece["$ref"] === "string" ? `{{${referenceWords(piece["$ref"])}}}` : JSON.stringify(piece);
}

function indented(value: Json): string {
  return JSON.stringify(value, null, 2);
}

function fine(value: Json): Read {
  return { status: "fine", value };
}

function refused(message: string): Read {
  return { status: "wrong", message };
}
