import { OrquestraError } from "../../../lib/error.ts";
import type { LanguageModel, ModelMessage, ModelPart, ModelRequest } from "../../../llm-provider/index.ts";
import type { Redactor, StreamRedactor } from "../../../permissions/index.ts";
import { ToolError } from "../../../tools/index.ts";
import type { ToolMiddleware } from "../tool-middleware.ts";
import type { ModelStream, TurnMiddleware } from "../turn-middleware.ts";

/** No secret in what a tool gives back, nor in the words in which it fails: so none in the log, the thread and later prompts. */
export function redactTools(redactor: Redactor): ToolMiddleware {
  return async function redaction(_call, next) {
    try {
      return redactor.json(await next());
    } catch (error) {
      if (!(error instanceof OrquestraError)) throw error;
      const message = redactor.text(error.message);
      if (message === error.message) throw error;
      // Without its cause: that says it in full.
      // oxlint-disable-next-line eslint/preserve-caught-error
      throw new ToolError(error.code, message, { retryable: error.retryable });
    }
  };
}

/** No secret in what a model is told, nor in what it says. Images pass as they are. */
export function redactTurns(redactor: Redactor): TurnMiddleware {
  return function redaction({ request }, next) {
    return redactStream(redactor, next({ request: redactRequest(redactor, request) }));
  };
}

/** The same for a model itself, so that no middleware comes between. Nothing is done while there are no secrets. */
export function redactedModel(model: LanguageModel, redactor: Redactor): LanguageModel {
  const { id, provider, capabilities } = model;
  const stream: LanguageModel["stream"] = (request, signal) => {
    if (redactor.isEmpty) return model.stream(request, signal);
    return redactStream(redactor, model.stream(redactRequest(redactor, request), signal));
  };
  return { id, provider, capabilities, stream };
}

async function* redactStream(redactor: Redactor, answer: ModelStream): AsyncGenerator<readonly ModelPart[]> {
  const streams = { text: redactor.stream(), reasoning: redactor.stream() };
  for await (const batch of answer) {
    const told = batch.flatMap((part) => redactPart(redactor, streams, part));
    if (told.length > 0) yield told;
  }
  const rest = restOf(streams);
  if (rest.length > 0) yield rest;
}

interface Streams {
  readonly text: StreamRedactor;
  readonly reasoning: StreamRedactor;
}

function redactPart(redactor: Redactor, streams: Streams, part: ModelPart): readonly ModelPart[] {
  switch (part.type) {
    case "text":
    case "reasoning":
      return textPart(part.type, streams[part.type].push(part.text));
    case "call":
      return [{ type: "call", call: { ...part.call, argumentsText: redactor.text(part.call.argumentsText) } }];
    case "notice":
    case "own_tool":
      return [redactor.json(part)];
    case "end":
    case "error":
      return [...restOf(streams), part];
    case "usage":
      return [part];
  }
}

function restOf({ text, reasoning }: Streams): readonly ModelPart[] {
  return [...textPart("reasoning", reasoning.end()), ...textPart("text", text.end())];
}

function textPart(type: "text" | "reasoning", text: string): readonly ModelPart[] {
  return text === "" ? [] : [{ type, text }];
}

function redactRequest(redactor: Redactor, request: ModelRequest): ModelRequest {
  const messages = request.messages.map((message) => redactMessage(redactor, message));
  return { ...request, system: redactor.text(request.system), messages };
}

function redactMessage(redactor: Redactor, message: ModelMessage): ModelMessage {
  switch (message.role) {
    case "user": {
      const content = message.content.map((one) => (one.type === "text" ? { ...one, text: redactor.text(one.text) } : one));
      return { ...message, content };
    }
    case "assistant": {
      const calls = message.calls?.map((call) => ({ ...call, argumentsText: redactor.text(call.argumentsText) }));
      return { ...message, text: redactor.text(message.text), ...(calls === undefined ? {} : { calls }) };
    }
    case "tool":
      return { ...message, text: redactor.text(message.text) };
  }
}
