import { type Batch, type Batches, beginning, only, streamingAs } from "../batches.ts";
import { type LanguageModel, ModelError, type ModelRequest } from "../language-model.ts";
import { type OpenedStream, openStream } from "../opened-stream.ts";

/**
 * A model of a compatible server, which may take no native tool calls and says so only when it is offered some. From then on
 * it is known to take none, and that call ends so that the next one asks for a plan in text.
 */
export function learningItsTools(model: LanguageModel): LanguageModel {
  let refused = false;
  const stream: LanguageModel["stream"] = (request, signal) => {
    if (request.tools === undefined || request.tools.length === 0) return model.stream(request, signal);
    return beginning(() => offered(request, signal));
  };
  async function* offered(request: ModelRequest, signal: AbortSignal): AsyncGenerator<Batch, Batches, undefined> {
    const opened: OpenedStream = yield* openStream(model, request, signal);
    if (opened.status === "begun" || !refusesTools(opened.failure.error)) return opened.batches;
    refused = true;
    yield [{ type: "notice", text: `${model.id} takes no native tool calls. It is asked for its plan as text instead.` }];
    const { message } = opened.failure.error;
    return only([{ type: "error", error: new ModelError("invalid_request", message), again: true }]);
  }
  return {
    ...streamingAs(model, stream),
    get capabilities() {
      const { tools, ...others } = model.capabilities;
      return { ...others, tools: tools && !refused };
    },
  };
}

/** Ollama, vLLM and llama.cpp say it with other words and other statuses, and all of them name the tools. */
function refusesTools({ kind, message }: ModelError): boolean {
  return kind === "invalid_request" && /\btools?\b|\btool[-_ ]|\bfunction[-_ ]call/i.test(message);
}
