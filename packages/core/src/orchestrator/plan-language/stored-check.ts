import type { Failure, Json } from "@orquestra/protocol";
import { PlanError, attempt, failureCodes } from "./plan-error.ts";
import type { PlanTool, StoredArguments } from "./plan-part.ts";
import { referencesOf, storedReference } from "./references.ts";
import { isArray } from "./stored-form.ts";
import { checkArguments } from "./todo-maker.ts";

export interface StoredCall {
  readonly tool: PlanTool;
  readonly args: StoredArguments;
  /** Whether a todo may be referred to: it is there, and written before this one. */
  readonly isEarlier: (todoId: string) => boolean;
}

export type CheckedCall =
  | { readonly status: "fine"; readonly references: readonly string[]; readonly fanOut: string | null }
  | { readonly status: "wrong"; readonly failure: Failure };

/** Arguments that come in stored form from outside, looked at as strictly as those of a line. */
export function checkStored({ tool, args, isEarlier }: StoredCall): CheckedCall {
  const checked = attempt(() => {
    for (const [name, value] of Object.entries(args)) checkForm(value, name);
    const references = referencesOf(args);
    const stranger = references.find((id) => !isEarlier(id));
    if (stranger !== undefined) {
      throw new PlanError(
        failureCodes.reference,
        `${stranger} is no earlier todo of this run: a reference points backwards only.`,
      );
    }
    return { status: "fine", references, fanOut: checkArguments(tool, args) } as const;
  });
  return "failure" in checked ? { status: "wrong", failure: checked.failure } : checked.value;
}

/** Keys that begin with `$` mean something in stored form: what only looks like it would become something else later. */
function checkForm(value: Json, where: string): void {
  if (typeof value !== "object" || value === null) return;
  if (isArray(value)) return value.forEach((item) => checkForm(item, where));
  const keys = Object.keys(value);
  const special = keys.find((key) => key.startsWith("$"));
  if (special === undefined) return Object.values(value).forEach((inner) => checkForm(inner, where));
  if (keys.length === 1 && isStored(special, value)) return;
  const forms = '{"$ref":"t1#/path"}, {"$concat":["text",{"$ref":"t1#/path"}]} or {"$literal":…}';
  throw new PlanError(failureCodes.arguments, `${where}: an object with the key ${special} must be ${forms}.`);
}

function isStored(key: string, value: { readonly [key: string]: Json }): boolean {
  if (key === "$literal") return true;
  if (key === "$ref") return storedReference(value) !== null;
  const parts = key === "$concat" ? value[key] : undefined;
  return (
    parts !== undefined && isArray(parts) && parts.every((part) => typeof part === "string" || storedReference(part) !== null)
  );
}
