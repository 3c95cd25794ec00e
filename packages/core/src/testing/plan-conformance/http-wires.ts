import { createAnthropicModel } from "../../llm-provider/anthropic/index.ts";
import type { LanguageModel } from "../../llm-provider/index.ts";
import { createOpenAiModel } from "../../llm-provider/openai/index.ts";
import { type WireServer, startWireServer } from "../wire-server/index.ts";
import { type PlanWire, done, neverAsked } from "./wire.ts";

/** An adapter that speaks to a server. */
export interface HttpWire extends PlanWire {
  /** `model` is its name at the provider. */
  modelAt(server: WireServer, model: string): LanguageModel;
}

const apiKey = "made-up-key";

export const httpWires: readonly HttpWire[] = [
  httpWire("chat", openAi("chat")),
  httpWire("responses", openAi("responses")),
  httpWire("messages", ({ anthropicUrl: baseUrl }, model) =>
    createAnthropicModel({ id: `anthropic/${model}`, model, apiKey, baseUrl }),
  ),
];

function openAi(api: "chat" | "responses"): HttpWire["modelAt"] {
  return ({ url: baseUrl }, model) =>
    createOpenAiModel({ id: `openai/${model}`, provider: "openai", model, apiKey, baseUrl, api });
}

function httpWire(name: string, modelAt: HttpWire["modelAt"]): HttpWire {
  return {
    name,
    formats: ["lines", "json", "tools"],
    modelAt,
    open: async () => {
      const server = await startWireServer();
      let left = 0;
      return {
        model: modelAt(server, "gpt-5.4"),
        play: (replies) => {
          const queue = [...replies];
          left = queue.length;
          server.script(() => {
            const reply = queue.shift() ?? done;
            left = queue.length;
            return reply;
          });
        },
        left: () => left,
        lastRequest: () => server.requests.at(-1)?.body ?? neverAsked(),
        close: () => server.close(),
      };
    },
  };
}
