import type { Json } from "@orquestra/protocol";
import { todoNumber } from "./format.ts";

type JsonObject = { readonly [key: string]: Json };

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !isList(value);
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** A stored argument as the plan wrote it: `$2.matches[0]`, `text`, `[1, 2]`. */
export function argumentText(value: Json): string {
  return typeof value === "string" ? value : written(value);
}

function written(value: Json): string {
  if (isList(value)) return `[${value.map(written).join(", ")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const { $ref, $concat, $literal } = value;
  if (typeof $ref === "string") return reference($ref);
  if (isList($concat)) return $concat.map((piece) => (typeof piece === "string" ? piece : `{{${written(piece)}}}`)).join("");
  if ($literal !== undefined) return JSON.stringify($literal);
  return `{${Object.entries(value)
    .map(([key, entry]) => `${key}: ${written(entry)}`)
    .join(", ")}}`;
}

/** "t1#/matches/0/path" → "$1.matches[0].path". */
function reference(stored: string): string {
  const [id = "", path = ""] = stored.split("#");
  const steps = path.split("/").filter((step) => step !== "");
  return `$${todoNumber(id)}${steps.map((step) => (/^(\d+|\*)$/.test(step) ? `[${step}]` : `.${step}`)).join("")}`;
}

/** "t1#/matches/0/path" → "result of 1 › matches › 0 › path": a reference for people who have not read the plan's grammar. */
export function referenceWords(stored: string): string {
  const [id = "", path = ""] = stored.split("#");
  const steps = path.split("/").filter((step) => step !== "");
  const words = steps.map((step) => (step === "*" ? "each" : step.replaceAll("~1", "/").replaceAll("~0", "~")));
  return [`result of ${todoNumber(id)}`, ...words].join(" › ");
}

/** The todos whose results a value is made of. */
export function referredTodos(value: Json): readonly string[] {
  if (isList(value)) return value.flatMap(referredTodos);
  if (!isObject(value) || "$literal" in value) return [];
  const { $ref } = value;
  return typeof $ref === "string" ? [$ref.split("#")[0] ?? ""] : Object.values(value).flatMap(referredTodos);
}

const telling = ["command", "url", "pattern", "query", "path", "prompt", "text"];

/** The argument that says most about a call: a path, a command, an address. Empty where there is none. */
export function mainArgument(args: JsonObject): string {
  const key = telling.find((name) => name in args) ?? Object.keys(args)[0];
  const value = key === undefined ? undefined : args[key];
  return value === undefined ? "" : argumentText(value);
}

/** Names a file or folder: one word with a slash in it, and no address. */
export function isPath(text: string): boolean {
  return /^[^\s:]*\/[^\s:]*$/.test(text);
}

/** The host of an address says more than how it is reached. */
export function withoutScheme(text: string): string {
  return text.replace(/^https?:\/\//, "");
}

/** Refers to what another todo will find: "$1.matches[*].path", "see {{$2.text}}". */
export function hasReference(argument: string): boolean {
  return /(^|\{\{)\$\d/.test(argument);
}

/** How many characters all of them begin with, in whole words; none where leaving them out would save little. */
export function sameHead(texts: readonly string[]): number {
  const [first = "", ...others] = texts;
  if (others.length === 0) return 0;
  const same = others.reduce((length, text) => sameLength(first.slice(0, length), text), first.length);
  const whole = first.slice(0, same).replace(/[^\s/]*$/, "").length;
  return whole < 8 ? 0 : whole;
}

function sameLength(head: string, text: string): number {
  const differs = head.split("").findIndex((letter, index) => letter !== text[index]);
  return differs === -1 ? head.length : differs;
}

/** A result for reading: text as it is, lists of flat things one a line, anything else as indented JSON. */
export function resultText(value: Json): string {
  if (typeof value === "string") return value;
  if (isList(value) && value.length > 0 && value.every(isFlat)) return value.map(line).join("\n");
  if (!isObject(value)) return JSON.stringify(value, null, 2);
  const said = Object.entries(value).filter(([, entry]) => entry !== null && entry !== "");
  const [first] = said;
  if (said.length === 1 && first !== undefined && (typeof first[1] === "string" || isList(first[1]))) return resultText(first[1]);
  return said.map(([key, entry]) => section(key, entry)).join("\n");
}

function section(key: string, value: Json): string {
  if (typeof value !== "object" && !argumentText(value).includes("\n")) return `${key}: ${argumentText(value)}`;
  return `${key}:\n${resultText(value).replace(/^/gm, "  ")}`;
}

function isFlat(value: Json): boolean {
  return isObject(value) ? Object.values(value).every((entry) => typeof entry !== "object") : typeof value !== "object";
}

/** {path: "a.ts", line: 3, text: "x"} → "a.ts:3  x". */
function line(value: Json): string {
  if (!isObject(value)) return argumentText(value);
  const { path, line: at, ...rest } = value;
  const place = [path, at].filter((entry) => entry !== undefined).map(argumentText);
  return [...(place.length === 0 ? [] : [place.join(":")]), ...Object.values(rest).map(argumentText)].join("  ");
}
