import type { ApprovalTodo, Effect } from "@orquestra/protocol";

/** "can be undone: the files are kept as they were", "cannot be undone: what is sent stays sent". */
export function undoWords(todo: ApprovalTodo): string {
  if (todo.undoable) return `can be undone: ${todo.effects.includes("exec") ? "the folder is" : "the files are"} kept as before`;
  const why = whyLasting(todo);
  return why === null ? "cannot be undone" : `cannot be undone: ${why}`;
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
