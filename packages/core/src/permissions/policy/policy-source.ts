import { endsWithin } from "../../lib/ends-within.ts";
import { messageOf } from "../../lib/error.ts";
import { ToolError, type Workspace, type WorkspaceFiles, openWorkspaceFiles } from "../../tools/index.ts";
import { PermissionError } from "../permission-error.ts";
import { type Policy, type PolicyOptions, compilePolicy } from "./compile-policy.ts";
import { parsePolicy } from "./parse-policy.ts";
import type { PolicyLayer } from "./policy-layer.ts";

/** The policy of a run: what was given once, and what the run's folder adds when it starts. */
export interface PolicySource {
  policyFor(workspace: Workspace | null): Promise<Policy>;
}

export interface PolicySourceOptions extends PolicyOptions {
  /** What a policy holds that helps nobody; of a folder once for each text of its file. */
  warn(warning: string): void;
  readonly openFiles?: (root: string) => Pick<WorkspaceFiles, "readForChange">;
}

export const workspacePolicyPath = ".orquestra/policy.yaml";

const maxBytes = 64 * 1024;
/** Milliseconds. */
const readTimeout = 2000;

export function policySource(layers: readonly PolicyLayer[], options: PolicySourceOptions): PolicySource {
  const { openFiles = openWorkspaceFiles } = options;
  const base = compilePolicy(layers, options);
  for (const warning of base.warnings) options.warn(warning);
  const known = new Map<string, Known>();
  return {
    async policyFor(workspace) {
      if (workspace === null) return base;
      const { root } = workspace;
      const found = await readWithin(openFiles(root));
      if (found.status === "absent") return base;
      const before = known.get(root);
      if (before?.text === found.text && before.status === found.status) return before.policy;
      const policy = compilePolicy([...layers, layerIn(found)], options);
      for (const warning of policy.warnings.slice(base.warnings.length)) options.warn(`${root}: ${warning}`);
      known.set(root, { ...found, policy });
      return policy;
    },
  };
}

/** `text` of a file that is not to be had is what is wrong with it. */
interface Read {
  readonly status: "read" | "absent" | "broken";
  readonly text: string;
}

interface Known extends Read {
  readonly policy: Policy;
}

async function readWithin(files: Pick<WorkspaceFiles, "readForChange">): Promise<Read> {
  const reading = read(files);
  return (await endsWithin(reading, readTimeout)) ? reading : { status: "broken", text: "it could not be read in time" };
}

/** Never through a link, and never another kind of thing than a file. */
async function read(files: Pick<WorkspaceFiles, "readForChange">): Promise<Read> {
  try {
    const { bytes } = await files.readForChange(workspacePolicyPath, { maxBytes });
    if (bytes === null) return { status: "absent", text: "" };
    return { status: "read", text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch (error) {
    if (error instanceof ToolError) return { status: "broken", text: error.message };
    return { status: "broken", text: error instanceof TypeError ? "it is not UTF-8" : "it could not be read" };
  }
}

function layerIn({ status, text }: Read): PolicyLayer {
  try {
    if (status === "read") return parsePolicy(text, { layer: "workspace", name: workspacePolicyPath });
    return broken(`${workspacePolicyPath}: ${text}`);
  } catch (error) {
    return broken(error instanceof PermissionError ? error.message : `${workspacePolicyPath}: ${messageOf(error)}`);
  }
}

function broken(problem: string): PolicyLayer {
  return {
    kind: "broken",
    layer: "workspace",
    problem: `This folder's policy cannot be used, so everything but reading asks. ${problem}`,
  };
}
