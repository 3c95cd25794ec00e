import { setImmediate as nextTick } from "node:timers/promises";
import { z } from "zod";
import type { Json } from "@orquestra/protocol";
import type { ModelPart } from "../../llm-provider/index.ts";
import { type Authorized, Redactor, authorize, bareGround, noPolicy } from "../../permissions/index.ts";
import { type ScriptedModel, scriptedModel } from "../../testing/index.ts";
import { type AnyTool, type ToolCall, type User, defineTool } from "../../tools/index.ts";
import { type ToolStart, toolMiddleware } from "./run-tool.ts";
import type { ToolMiddleware } from "./tool-middleware.ts";
import type { TurnMiddleware } from "./turn-middleware.ts";
import { turnMiddleware } from "./wrap-model.ts";

export const ada: User = { id: "ada", tenant: "home", name: "Ada", metadata: {} };
export const bob: User = { id: "bob", tenant: "home", name: "Bob", metadata: {} };

export interface Counted {
  readonly tool: AnyTool;
  /** What it was run with. */
  readonly runs: { readonly word: string; readonly signal: AbortSignal }[];
}

/** A tool that says a word back, and keeps count. */
export function countingTool(own: Partial<AnyTool> & { readonly run?: AnyTool["run"] } = {}): Counted {
  const runs: Counted["runs"] = [];
  const tool = defineTool({
    name: "say",
    description: "Says it back.",
    input: z.object({ word: z.string() }),
    output: z.object({ said: z.string() }),
    effects: ["read"],
    critical: [],
    integrity: "system",
    idempotent: true,
    undoable: false,
    timeoutMs: 5000,
    run: async ({ word }, { signal }) => {
      runs.push({ word, signal });
      return { said: word };
    },
  });
  return { tool: { ...tool, ...own }, runs };
}

export interface TestCall {
  readonly tool: AnyTool;
  readonly word?: string;
  readonly user?: User;
  readonly root?: string | null;
  readonly signal?: AbortSignal;
  readonly secrets?: Redactor;
}

export function startOf({
  tool,
  word = "tea",
  user = ada,
  root = null,
  signal = new AbortController().signal,
  secrets = new Redactor(),
}: TestCall): ToolStart {
  const call = authorized({ tool, word, user, root });
  const given: ToolCall = {
    sessionId: "s1",
    runId: "r1",
    todoId: "t1",
    idempotencyKey: "r1/t1",
    user,
    workspace: call.workspace,
    signal,
    progress: () => undefined,
    checkpoint: () => Promise.resolve(),
    askModel: () => Promise.resolve(""),
    recall: () => Promise.resolve(null),
    runCommand: () => Promise.reject(new Error("nothing to run commands with")),
  };
  const start = (own = signal): Promise<unknown> => call.tool.run(call.args, { ...given, signal: own });
  return { call, given, attempt: 1, start, clean: (value) => secrets.json(value) };
}

function authorized({ tool, word, user, root }: Required<Pick<TestCall, "tool" | "word" | "user" | "root">>): Authorized {
  const label = { integrity: "user", confidentiality: "public" } as const;
  const workspace = root === null ? null : { root, trusted: true };
  const ids = { sessionId: "s1", runId: "r1", todoId: "t1" };
  const rule = { id: "r", userId: user.id, workspace: root, tool: tool.name, match: {}, decision: "allow", text: "" } as const;
  const verdict = authorize(
    { ...ids, tool, args: { word }, argumentLabels: {}, control: label, user, workspace },
    {
      mode: { reach: "ask", attended: true },
      rules: [{ ...rule, createdAt: "2026-01-01T00:00:00.000Z" }],
      grants: [],
      executed: new Map(),
      landed: [],
      policyHash: "",
      ownFolders: [],
      commands: bareGround,
      policy: noPolicy,
      now: 0,
    },
  );
  if (verdict.decision !== "allow") throw new Error(`not allowed: ${JSON.stringify(verdict)}`);
  return verdict.call;
}

/** What comes of a call behind these layers. */
export async function runThrough(layers: readonly ToolMiddleware[], call: TestCall): Promise<unknown> {
  return toolMiddleware(layers)(startOf(call));
}

/** A function to call a tool again and again behind the same layers. */
export function behind(layers: readonly ToolMiddleware[]): (call: TestCall) => Promise<unknown> {
  const run = toolMiddleware(layers);
  return async (call) => run(startOf(call));
}

export interface TestTurn {
  readonly user?: User;
  readonly signal?: AbortSignal;
  readonly system?: string;
}

/** Everything a model behind these layers says. */
export async function partsThrough(
  layers: readonly TurnMiddleware[],
  model: ScriptedModel,
  { user = ada, signal = new AbortController().signal, system = "Be brief." }: TestTurn = {},
): Promise<readonly ModelPart[]> {
  const wrapped = turnMiddleware(layers)(model, { user, sessionId: "s1", runId: "r1" });
  const parts: ModelPart[] = [];
  const messages = [{ role: "user", content: [{ type: "text", text: "Go." }] }] as const;
  for await (const batch of wrapped.stream({ system, messages }, signal)) parts.push(...batch);
  return parts;
}

export function textOf(parts: readonly ModelPart[]): string {
  return parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("");
}

export function errorOf(parts: readonly ModelPart[]) {
  const last = parts.at(-1);
  return last?.type === "error" ? last.error : null;
}

/** Time that a test turns. */
export class TestClock {
  time = Date.parse("2026-01-01T00:00:00.000Z");
  readonly waits: number[] = [];

  readonly now = (): number => this.time;

  /** Passes at once. */
  readonly wait = async (ms: number, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    this.waits.push(ms);
    this.time += ms;
    await nextTick();
  };
}

export const tea: Json = { said: "tea" };
export { scriptedModel };
