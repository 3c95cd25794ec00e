import { posix } from "node:path";
import type { Json } from "@orquestra/protocol";
import { judgedHash } from "./approval-hash.ts";
import { type JudgedCall, isEffectful } from "./call.ts";

type NamedCall = Pick<JudgedCall, "tool" | "args">;

/**
 * Equal for calls that repeat each other: for effects also where one is written otherwise (spaces, `./`, an empty or false
 * argument that the other leaves out). It may only ever make something ask: an approval is bound to the exact call.
 */
export function repeatKey({ tool, args }: NamedCall): string {
  return judgedHash({ tool, args: isEffectful(tool) ? plainObject(args) : args });
}

/** Longer texts are compared as they are. Characters. */
const longestPlain = 20_000;

/** Without what makes no difference to what is meant, as far as code can tell. */
export function plainObject(value: { readonly [name: string]: Json }): { readonly [name: string]: Json } {
  const members = Object.entries(value).map(([name, member]): [string, Json] => [name, plainValue(member)]);
  return Object.fromEntries(members.filter(([, member]) => !isEmpty(member)));
}

function plainValue(value: Json): Json {
  if (typeof value === "string") return plainText(value);
  if (value === null || typeof value !== "object") return value;
  return isList(value) ? value.map(plainValue) : plainObject(value);
}

function plainText(text: string): string {
  if (text.length > longestPlain) return text.trim();
  return text.normalize("NFC").trim().split(/\s+/).map(plainWord).join(" ");
}

/** `"./a.ts"`, `a.ts` and `src/../a.ts` are one file; addresses stay as they are. */
function plainWord(word: string): string {
  const bare = isQuoted(word) ? word.slice(1, -1) : word;
  return !bare.includes("/") || bare.includes("://") ? bare : plainPath(bare);
}

function isQuoted(word: string): boolean {
  const first = word.charAt(0);
  return word.length > 1 && (first === '"' || first === "'") && word.endsWith(first);
}

export function plainPath(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}

/** What leaving an argument out mostly means. */
function isEmpty(value: Json): boolean {
  if (value === null || value === false || value === "" || value === ".") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
