import { type Integrity, type Label, isAtLeast, joinLabels } from "@orquestra/protocol";
import type { AnyTool, User, Workspace } from "../tools/index.ts";

export interface OutputOrigin {
  readonly workspace: Workspace | null;
  readonly user: Pick<User, "id">;
  /** The join of all that went into the call, its control included (`Authorized.inputs`). */
  readonly inputs: Label;
  /** It was a command that the sandbox held: nothing but the folder and what went in can have told it what to print. */
  readonly confined: boolean;
}

/**
 * The label of what a tool returned: never better than the tool declares.
 *
 * Integrity says who could have written the value, not who chose to look at it: a file read under a path from outside is
 * still text of the workspace. So a tool may declare more than `inputs` only when its output repeats no argument but the
 * name of something that exists. Two declarations are capped: `workspace` where the folder is not trusted, and everything
 * a program printed or the network answered (`exec`, `egress`), which anybody could have written. A program that the sandbox held
 * had nobody to hear from but the folder, whatever its tool says.
 *
 * Readers: a tool without effects reveals nothing but its inputs; any other looked at something that is the user's.
 */
export function labelOfOutput(tool: AnyTool, origin: OutputOrigin): Label {
  const integrity = integrityOfOutput(tool, origin);
  const { confidentiality } = origin.inputs;
  if (tool.effects.length === 0) return { integrity, confidentiality };
  return joinLabels({ integrity, confidentiality: [readerOf(origin.user)] }, { integrity, confidentiality });
}

/** What a model may repeat that looked at something by itself: nobody saw what, or with whose rights but the user's. */
export function labelOfOwnTool(user: Pick<User, "id">): Label {
  return { integrity: "outside", confidentiality: [readerOf(user)] };
}

/** The name of a user as a reader in labels. */
export function readerOf(user: Pick<User, "id">): string {
  return `user:${user.id}`;
}

function integrityOfOutput(tool: AnyTool, { inputs, workspace, confined }: OutputOrigin): Integrity {
  if (confined) return isAtLeast(inputs.integrity, "workspace") && workspace?.trusted === true ? "workspace" : "outside";
  const declared = tool.integrity === "inputs" ? inputs.integrity : tool.integrity;
  if (tool.effects.includes("exec") || tool.effects.includes("egress")) return "outside";
  return declared === "workspace" && tool.integrity !== "inputs" && workspace?.trusted !== true ? "outside" : declared;
}
