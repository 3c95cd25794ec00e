import type { CommandAccess, CommandSpec } from "../tools/index.ts";
import type { ProposedCall } from "./call.ts";

/** What stands around the commands of a session: where they run, and whether what they change can be taken back. */
export interface CommandGround {
  /** `none`: commands have all the rights of the server's user, so each one asks. */
  readonly sandbox: "bubblewrap" | "none";
  /** Whether a snapshot of the folder undoes what a command changes there; else why not, for the person. */
  readonly undo: { readonly covered: true } | { readonly covered: false; readonly why: string };
}

/** Nothing: every command asks. */
export const bareGround: CommandGround = {
  sandbox: "none",
  undo: { covered: false, why: "Nothing keeps the folder as it was." },
};

export function runsCommand({ tool }: Pick<ProposedCall, "tool">): boolean {
  return tool.effects.includes("exec");
}

/** What the call would give to a shell; null where its tool runs no command, or does not say which. */
export function commandOf(call: Pick<ProposedCall, "tool" | "args">): CommandSpec | null {
  return runsCommand(call) ? (call.tool.command?.(call.args) ?? null) : null;
}

/** A command that the sandbox holds: it needs nothing beyond the folder, and there is one. */
export function isConfined(call: Pick<ProposedCall, "tool" | "args">, ground: CommandGround): boolean {
  return ground.sandbox !== "none" && commandOf(call)?.access === "sandbox";
}

/** What a command could reach where it would run, which without a sandbox is everything; null where no command is run. */
export function accessOf(call: Pick<ProposedCall, "tool" | "args">, { sandbox }: CommandGround): CommandAccess | null {
  if (!runsCommand(call)) return null;
  return sandbox === "none" ? "machine" : (commandOf(call)?.access ?? "machine");
}

/** Whether what the call changes can be taken back: by checkpoints of the files it names, or by the snapshot before a command. */
export function isUndoable(call: Pick<ProposedCall, "tool" | "args" | "workspace">, ground: CommandGround): boolean {
  if (call.workspace === null) return false;
  return runsCommand(call) ? isConfined(call, ground) && ground.undo.covered : call.tool.undoable;
}
