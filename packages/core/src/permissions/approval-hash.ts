import type { Json } from "@orquestra/protocol";
import { z } from "zod";
import type { AnyTool } from "../tools/index.ts";
import { canonicalJson, frozenJson, frozenJsonObject, hashJson, hashText } from "./canonical-json.ts";
import type { JudgedCall, ProposedCall } from "./call.ts";

type NamedCall = Pick<ProposedCall, "tool" | "args">;

/** Equal for calls of the same tool with exactly the same arguments, whatever is allowed. */
export function callHash({ tool, args }: Pick<NamedCall, "args"> & { readonly tool: Pick<AnyTool, "name"> }): string {
  return judgedHash({ tool, args: frozenJsonObject(args) });
}

/** `callHash` where the arguments are known to be JSON. A short call stands for itself: no call's text is a hash. */
export function judgedHash({ tool, args }: Pick<JudgedCall, "args"> & { readonly tool: Pick<AnyTool, "name"> }): string {
  const text = canonicalJson({ tool: tool.name, args });
  return text.length <= longestPlain ? text : hashText(text);
}

/** Characters. */
const longestPlain = 256;

/** What an approval is bound to: this tool as it is declared now, these resolved arguments, this folder, this policy. */
export function approvalHash(call: NamedCall & Pick<ProposedCall, "workspace">, policyHash: string): string {
  return boundHash(callHash(call), call, policyHash);
}

/** `approvalHash` where the hash of the call is already known. */
export function boundHash(known: string, call: Pick<ProposedCall, "tool" | "workspace">, policyHash: string): string {
  return hashJson({ call: known, manifest: manifestHash(call.tool), root: call.workspace?.root ?? null, policy: policyHash });
}

const manifests = new WeakMap<AnyTool, string>();

/** Names what a tool says of itself: its description, schemas and every declaration the rules rely on. */
export function manifestHash(tool: AnyTool): string {
  const known = manifests.get(tool);
  if (known !== undefined) return known;
  const { name, description, effects, critical, integrity, fields = {}, idempotent, undoable } = tool;
  const words = { name, description, integrity, fields, idempotent, undoable };
  const sets = { effects: effects.toSorted(), critical: critical.toSorted() };
  const hash = hashJson({ ...words, ...sets, input: schemaText(tool.input), output: schemaText(tool.output) });
  manifests.set(tool, hash);
  return hash;
}

function schemaText(schema: z.ZodType): Json {
  return frozenJson(JSON.parse(JSON.stringify(z.toJSONSchema(schema, { unrepresentable: "any", io: "input" }))));
}
