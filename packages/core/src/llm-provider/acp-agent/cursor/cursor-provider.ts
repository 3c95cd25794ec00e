import { type AgentProvider, createAgentProvider } from "../acp-agent-provider.ts";
import { acpWay } from "../acp/acp-way.ts";
import type { AgentLimits } from "../limits.ts";
import type { AgentProgram } from "../program.ts";
import { cursorSettings } from "./cursor-settings.ts";
import { printWay } from "./print-way.ts";

export interface CursorOptions {
  /** Cursor's command line program: a path, or a name to be found in the environment's PATH. Default `agent`. */
  readonly command?: string | undefined;
  /** Absent: the login that `agent login` left in the home folder. */
  readonly apiKey?: string | undefined;
  /** All the program gets of an environment: HOME and PATH at least. */
  readonly environment: { readonly [name: string]: string };
  readonly limits?: Partial<AgentLimits> | undefined;
}

/** Both are refused when it would change something; neither can be set on the command line. */
const harmlessModes = ["ask", "plan"];
const advice = {
  missing: "Install Cursor's CLI (cursor.com/cli), or say where it is with ORQUESTRA_CURSOR_COMMAND.",
  signIn: "Run `agent login`, or set CURSOR_API_KEY.",
};

/**
 * Cursor as a provider of models, by `agent acp`; versions that do not know it are asked by `agent -p`. Tested against the
 * recorded wire only. Model `auto` is what Cursor itself picks.
 */
export function createCursorProvider({ command = "agent", apiKey, environment, limits }: CursorOptions): AgentProvider {
  const program: AgentProgram = {
    name: "Cursor",
    command,
    // Trusted is the empty folder: without a word about it some versions wait for an answer nobody can give.
    args: (model) => ["--trust", ...modelArgs(model), "acp"],
    environment: { ...environment, ...(apiKey === undefined ? {} : { CURSOR_API_KEY: apiKey }) },
    settings: cursorSettings(apiKey === undefined ? environment : null),
    modes: harmlessModes,
    replies: {
      "cursor/ask_question": { outcome: { outcome: "skipped", reason: "Nobody is there to answer. Answer with text." } },
      "cursor/create_plan": { outcome: { outcome: "rejected", reason: "Plans are not taken here. Answer with text." } },
    },
    // A fetch is not denied by its settings; it asks, and is rejected. Searching is neither denied nor does it ask.
    refusedKinds: ["read", "edit", "delete", "move", "execute", "fetch"],
    advice,
  };
  return createAgentProvider({ provider: "cursor", program, limits }, [acpWay, printWay(printArgs)]);
}

function modelArgs(model: string): readonly string[] {
  return model === "auto" ? [] : ["--model", model];
}

function printArgs(model: string): readonly string[] {
  const form = ["-p", "--output-format", "stream-json", "--stream-partial-output"];
  return [...modelArgs(model), ...form, "--mode", "ask", "--sandbox", "enabled", "--trust"];
}
