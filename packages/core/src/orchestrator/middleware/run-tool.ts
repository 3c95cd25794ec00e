import { type Json, jsonSchema } from "@orquestra/protocol";
import { OrquestraError } from "../../lib/error.ts";
import { type Authorized, assertAuthorized, manifestHash } from "../../permissions/index.ts";
import { type AnyTool, type ToolCall, brokenTool } from "../../tools/index.ts";
import { compose, stricter } from "./compose.ts";
import { MiddlewareError, blame } from "./middleware-error.ts";
import type { ToolChange, ToolExecution, ToolFacts, ToolMiddleware } from "./tool-middleware.ts";

export interface ToolStart {
  readonly call: Authorized;
  /** What the tool will be given; its signal is the one that ends everything. */
  readonly given: ToolCall;
  readonly attempt: number;
  /** Runs the tool itself, until it reports its end or was silent for too long after its signal; the call's own where none is given. */
  readonly start: (signal?: AbortSignal) => Promise<unknown>;
  /** Takes secrets out of what it gave. No middleware sees it with them: it may keep it, or show it to others. */
  readonly clean: (value: Json) => Json;
}

/** Carries out an authorised call. */
export type RunTool = (start: ToolStart) => Promise<unknown>;

/** Without any middleware a call is the tool's own. */
export function toolMiddleware(layers: readonly ToolMiddleware[]): RunTool {
  if (layers.length === 0) return ({ start }) => start();
  const around = compose<ToolExecution, ToolChange, Promise<Json>>(layers, { merge, guard });
  return async (start) => {
    assertAuthorized(start.call);
    const work = new ToolWork(start);
    try {
      return work.checked(await around(executionOf(start), ({ signal }) => work.run(signal)));
    } catch (error) {
      throw work.told(error);
    } finally {
      await work.end();
    }
  };
}

/** The tool's own part in a call: it has ended when the call has, and what it left open is never taken for done. */
class ToolWork {
  readonly #start: ToolStart;
  readonly #running = new Set<Promise<unknown>>();
  readonly #over = new AbortController();
  readonly #once: boolean;
  #begun = 0;
  #result: Json | undefined;
  #unreported: unknown;

  constructor(start: ToolStart) {
    this.#start = start;
    this.#once = !start.call.tool.idempotent;
  }

  async run(signal: AbortSignal): Promise<Json> {
    const { name } = this.#start.call.tool;
    if (this.#over.signal.aborted) throw new MiddlewareError(`A middleware called ${name} after the call was over.`);
    if (this.#once && this.#begun > 0)
      throw new MiddlewareError(`A middleware called ${name} twice, which may not be done twice: it is not idempotent.`);
    if (signal.aborted) throw new OrquestraError("cancelled", `${name} was stopped before it began.`);
    this.#begun += 1;
    const work = this.#carryOut(AbortSignal.any([signal, this.#over.signal]));
    this.#running.add(work);
    try {
      return await work;
    } finally {
      this.#running.delete(work);
    }
  }

  async #carryOut(signal: AbortSignal): Promise<Json> {
    try {
      const value = this.#start.call.tool.output.parse(await this.#start.start(signal));
      return (this.#result = this.#start.clean(jsonSchema.parse(value ?? null)));
    } catch (error) {
      if (error instanceof OrquestraError && error.code === "no_report") this.#unreported = error;
      throw error instanceof OrquestraError ? error : brokenTool(error);
    }
  }

  /** An answer in the tool's place is held to what the tool promises. */
  checked(answer: Json): Json {
    if (answer === this.#result) return answer;
    const { name, output } = this.#start.call.tool;
    const parsed = output.safeParse(answer);
    if (!parsed.success)
      throw new MiddlewareError(
        `What a middleware answered in place of ${name} is not what ${name} gives: ${parsed.error.message}`,
      );
    return answer;
  }

  /** A bug behind the tool's back does not undo what it did. */
  told(error: unknown): unknown {
    if (!(error instanceof MiddlewareError) || this.#result === undefined) return error;
    const { name } = this.#start.call.tool;
    return new MiddlewareError(`${error.message.replace(/\.?$/, ".")} ${name} itself had done its work by then.`, {
      cause: error,
    });
  }

  /** Ends what a middleware let run on. Throws where nobody knows what an effect that must not happen twice came to. */
  async end(): Promise<void> {
    this.#over.abort(new MiddlewareError("The call was over."));
    await Promise.allSettled(this.#running);
    if (this.#once && this.#unreported !== undefined) throw this.#unreported;
  }
}

function merge(call: ToolExecution, { signal }: ToolChange): ToolExecution {
  return { ...call, signal: stricter(call.signal, signal) };
}

async function guard(layer: string, start: () => Promise<Json>): Promise<Json> {
  try {
    return await start();
  } catch (error) {
    throw blame(layer, error);
  }
}

function executionOf({ call, given, attempt }: ToolStart): ToolExecution {
  const { sessionId, runId, todoId, idempotencyKey, user, workspace, signal } = given;
  const facts = { sessionId, runId, todoId, idempotencyKey, user, workspace, signal };
  return Object.freeze({ ...facts, tool: factsOf(call.tool), args: call.args, attempt });
}

const known = new WeakMap<AnyTool, ToolFacts>();

function factsOf(tool: AnyTool): ToolFacts {
  const found = known.get(tool);
  if (found !== undefined) return found;
  const { name, effects, integrity, idempotent, undoable, timeoutMs } = tool;
  const facts = Object.freeze({ name, effects, integrity, idempotent, undoable, timeoutMs, manifest: manifestHash(tool) });
  known.set(tool, facts);
  return facts;
}
