import { type LanguageModel, createOpenAiModel } from "@orquestra/core";
import { type WireServer, startWireServer } from "@orquestra/core/testing";

/** A model over real HTTP that says what it is told to. In a product: `createOpenAiModel({ model, apiKey })` and nothing else. */
export interface StandIn {
  readonly model: LanguageModel;
  readonly server: WireServer;
}

/** `answers`: what the model says, one text for each time it is asked. */
export async function startStandIn(answers: readonly string[]): Promise<StandIn> {
  const server = await startWireServer({ replies: answers.map((text) => ({ text })) });
  return { server, model: createOpenAiModel({ model: "stand-in", baseUrl: server.url, planFormat: "lines" }) };
}

/** A plan as models write it. */
export function plan(...lines: readonly string[]): string {
  return ["```plan", ...lines, "```"].join("\n");
}
