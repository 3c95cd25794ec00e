import type { CommandAccess, CommandSpec } from "../tools/index.ts";
import type { ProposedCall } from "./call.ts";
import { isReadOnly } from "./shell/is-read-only.ts";
import { readCommand } from "./shell/read-command.ts";

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
export function isConfined(call: Pick<ProposedCall, "tool" | "args">, ground: Pick<CommandGround, "sandbox">): boolean {
  return ground.sandbox !== "none" && commandOf(call)?.access === "sandbox";
}

/**
 * A command that only looks, as far as the shell gate can tell: it runs by itself where the folder is read-only to it, and needs
 * no snapshot then.
 */
export function onlyLooks(call: Pick<ProposedCall, "tool" | "args">, ground: Pick<CommandGround, "sandbox">): boolean {
  const command = commandOf(call);
  if (command === null || command.fed || !isConfined(call, ground)) return false;
  const reading = readCommand(command.text);
  return reading.kind === "simple" && isReadOnly(reading.argv).readOnly;
}

/** What a command could reach where it would run, which without a sandbox is everything; null where no command is run. */
export function accessOf(call: Pick<ProposedCall, "tool" | "args">, { sandbox }: CommandGround): CommandAccess | null {
  if (!runsCommand(call)) return null;
  return sandbox === "none" ? "machine" : (commandOf(call)?.access ?? "machine");
}

/** Whether what the call changes can be taken back: by checkpoints of the files it names, or by the snapshot before a command. */
export function isUndoable(call: Pick<ProposedCall, "tool" | "args" | "workspace">, ground: CommandGround): boolean {
  if (call.workspace === null) return false;
  if (!runsCommand(call)) return call.tool.undoable;
  return isConfined(call, ground) && (ground.undo.covered || onlyLooks(call, ground));
}
