import { type LanguageModel, ModelError, type ModelPart, isAside } from "../language-model.ts";
import { acpWay } from "./acp/acp-way.ts";
import { NoProtocolError, abortedFailure } from "./failures.ts";
import { type AgentLimits, defaultAgentLimits } from "./limits.ts";
import type { AgentProgram } from "./program.ts";
import { promptText } from "./prompt-text.ts";
import { Slots } from "./slots.ts";
import type { AgentCall, AgentWay, WaySetting } from "./way.ts";

export interface AcpAgentOptions {
  /** How settings name it: `cursor`. */
  readonly provider: string;
  readonly program: AgentProgram;
  readonly limits?: Partial<AgentLimits> | undefined;
  /** Tokens. The protocol does not tell; default 128,000 and 16,000, less than any model such programs use has. */
  readonly contextWindow?: number | undefined;
  readonly maxOutputTokens?: number | undefined;
}

/** A program on this machine as a provider of models. Whoever made it closes it. */
export interface AgentProvider {
  /** A model by the name the program knows it by. Starts nothing before its first call. Throws a ModelError for what is no name. */
  model(name: string): LanguageModel;
  /** Ends every process and waits until they are dead. */
  close(): Promise<void>;
}

/**
 * Uses an agent as nothing but a model: one process for one turn, in an empty folder, with everything it asks for refused.
 * It reports no token usage. Does not retry: see `withRetries`.
 */
export function createAcpAgentProvider(options: AcpAgentOptions): AgentProvider {
  return createAgentProvider(options, [acpWay]);
}

/** The same with several ways to ask the program: the first is taken that this version of it knows. */
export function createAgentProvider(
  options: AcpAgentOptions,
  makers: readonly ((setting: WaySetting) => AgentWay)[],
): AgentProvider {
  const { provider, program, contextWindow = 128_000, maxOutputTokens = 16_000 } = options;
  const limits = { ...defaultAgentLimits, ...options.limits };
  const slots = new Slots(limits.processes);
  const ways = makers.map((make) => make({ program, limits, slots }));
  const ask = inFirstKnownWay(ways);
  const capabilities = { contextWindow, maxOutputTokens, tools: false, images: false };
  return {
    model: (name) => {
      checkName(name, program);
      return {
        id: `${provider}/${name}`,
        provider,
        capabilities,
        async *stream(request, signal) {
          if (signal.aborted) yield [{ type: "error", error: abortedFailure(program) }];
          else yield* inParts(ask({ model: name, text: promptText(request) }, signal));
        },
      };
    },
    close: async () => {
      await Promise.all(ways.map((way) => way.close()));
    },
  };
}

type Parts = AsyncGenerator<readonly ModelPart[]>;

/** Failures of a call are parts. */
async function* inParts(parts: Parts): Parts {
  try {
    yield* parts;
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    yield [{ type: "error", error }];
  }
}

/** The first way that gives an answer is the program's from then on: what it fails of later is no matter of the protocol. */
function inFirstKnownWay(ways: readonly AgentWay[]): (call: AgentCall, signal: AbortSignal) => Parts {
  let known: AgentWay | null = null;
  return async function* ask(call, signal) {
    const candidates = known === null ? ways : [known];
    for (const way of candidates) {
      try {
        for await (const batch of way.ask(call, signal)) {
          if (batch.some((part) => part.type !== "error" && !isAside(part))) known = way;
          yield batch;
        }
        return;
      } catch (error) {
        if (!(error instanceof NoProtocolError)) throw error;
        if (way === candidates.at(-1)) throw error.failure;
      }
    }
  };
}

/** A name becomes an argument of the program: it must not be taken for an option. */
function checkName(name: string, program: AgentProgram): void {
  if (/^[\w][\w.:/@+,=[\] -]{0,199}$/.test(name)) return;
  throw new ModelError("invalid_request", `${program.name} has no model of that name. Pick another model.`);
}
