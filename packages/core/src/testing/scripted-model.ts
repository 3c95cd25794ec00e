import { once } from "node:events";
import type { Usage } from "@orquestra/protocol";
import {
  type EndReason,
  type LanguageModel,
  type ModelCapabilities,
  ModelError,
  type ModelPart,
  type ModelRequest,
} from "../llm-provider/index.ts";
import { type Script, ScriptPlayer } from "./script.ts";
import type { ReplyCall } from "./wire-server/index.ts";

/** One answer of a scripted model. Every field is optional: `{}` is an empty answer. */
export interface ScriptedReply {
  /**
   * The chunks of the text, one batch of parts each. A promise among them is a gate: the stream waits for it before it goes on,
   * so that a test holds the stream where it wants.
   */
  readonly text?: string | readonly (string | Promise<unknown>)[];
  readonly reasoning?: string;
  readonly calls?: readonly ReplyCall[];
  readonly usage?: Usage;
  /** Absent: `calls` when there are some, else `stop`. */
  readonly end?: EndReason;
  /** Ends with this error instead, after everything above. */
  readonly error?: ModelError;
  /** Ends as a connection that breaks: a `network` error after everything above. */
  readonly cut?: boolean;
}

/** A model in this process, answering from a script. */
export interface ScriptedModel extends LanguageModel {
  /** The requests so far, in order. */
  readonly requests: readonly ModelRequest[];
  /** Throws when scripted replies are left, or more calls came than there were replies. */
  assertComplete(): void;
}

const defaultCapabilities: ModelCapabilities = { contextWindow: 128_000, maxOutputTokens: 16_000, tools: true, images: true };

export function scriptedModel(
  replies: Script<ModelRequest, ScriptedReply>,
  options: { readonly id?: string; readonly capabilities?: Partial<ModelCapabilities> } = {},
): ScriptedModel {
  const requests: ModelRequest[] = [];
  const player = new ScriptPlayer(replies);
  const id = options.id ?? "scripted/model";
  const nextReply = async (request: ModelRequest): Promise<ScriptedReply> => {
    requests.push(request);
    const reply = await player.next(request);
    if (reply === undefined) throw new Error(`no reply is scripted for call ${requests.length} of ${id}`);
    return reply;
  };
  return {
    id,
    provider: id.split("/")[0] ?? id,
    capabilities: { ...defaultCapabilities, ...options.capabilities },
    requests,
    assertComplete: () => player.assertComplete(),
    async *stream(request, signal) {
      const reply = signal.aborted ? {} : await nextReply(request);
      yield* contentOf(reply, signal);
      yield signal.aborted ? [stoppedPart(id)] : closingOf(reply);
    },
  };
}

type Batches = AsyncGenerator<readonly ModelPart[], void, undefined>;

async function* contentOf(reply: ScriptedReply, signal: AbortSignal): Batches {
  if (reply.reasoning !== undefined) yield [{ type: "reasoning", text: reply.reasoning }];
  const chunks = typeof reply.text === "string" ? [reply.text] : (reply.text ?? []);
  for (const chunk of chunks) {
    if (signal.aborted) return;
    if (typeof chunk === "string") yield [{ type: "text", text: chunk }];
    else await openedOrAborted(chunk, signal);
  }
}

/** The rest of the answer, in one batch. */
function closingOf(reply: ScriptedReply): readonly ModelPart[] {
  const calls = (reply.calls ?? []).map(callPart);
  const usage: ModelPart[] = reply.usage === undefined ? [] : [{ type: "usage", usage: reply.usage }];
  const error = reply.cut === true ? new ModelError("network", "The connection broke.", { retryable: true }) : reply.error;
  if (error !== undefined) return [...calls, ...usage, { type: "error", error }];
  return [...calls, ...usage, { type: "end", reason: reply.end ?? (calls.length > 0 ? "calls" : "stop") }];
}

function callPart(call: ReplyCall, index: number): ModelPart {
  const argumentsText = JSON.stringify(call.arguments);
  return { type: "call", call: { id: call.id ?? `call_${index + 1}`, name: call.name, argumentsText } };
}

/** Waits for the gate, but not longer than the call lives. A gate that rejects makes the stream throw. */
async function openedOrAborted(gate: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const waiting = new AbortController();
  try {
    await Promise.race([gate, once(signal, "abort", { signal: waiting.signal })]);
  } finally {
    waiting.abort();
  }
}

function stoppedPart(id: string): ModelPart {
  return { type: "error", error: new ModelError("aborted", `The call to ${id} was stopped.`) };
}
