import type { ApprovalTodo, Effect } from "@orquestra/protocol";

/** What makes that it can be undone, or why it cannot: "what is sent stays sent". Null where nobody said. */
export function undoReason(todo: ApprovalTodo): string | null {
  if (!todo.undoable) return whyLasting(todo);
  return `the ${todo.effects.includes("exec") ? "folder" : "file"} is kept as it was before`;
}

const lasting: readonly (readonly [Effect, string])[] = [
  ["spend", "money that is spent is gone"],
  ["egress", "what is sent stays sent"],
  ["destructive", "nothing keeps what is deleted"],
  ["write", "nothing keeps what was there before"],
];

/** The gate's own reason comes first. */
function whyLasting({ command, effects, reasons }: ApprovalTodo): string | null {
  const said = reasons.map((reason) => /cannot be undone: (.+?)\.?$/is.exec(reason)?.[1]).find((why) => why !== undefined);
  if (said !== undefined) return `${said.charAt(0).toLowerCase()}${said.slice(1)}`;
  if (command?.access === "machine") return "nothing holds it back";
  if (command?.access === "network") return "what is sent stays sent";
  if (effects.includes("exec")) return null;
  return lasting.find(([effect]) => effects.includes(effect))?.[1] ?? null;
}
