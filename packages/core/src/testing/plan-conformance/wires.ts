import type { Json } from "@orquestra/protocol";
import { createAnthropicModel } from "../../llm-provider/anthropic/index.ts";
import type { LanguageModel } from "../../llm-provider/index.ts";
import { createOpenAiModel } from "../../llm-provider/openai/index.ts";
import type { RecordedRequest, WireServer } from "../wire-server/index.ts";

/** A way to a model: its adapter, talking to a scripted server. Another one is another entry here. */
export interface PlanWire {
  readonly name: string;
  /** `model` is its name at the provider. */
  modelAt(server: WireServer, model: string): LanguageModel;
}

const apiKey = "made-up-key";

function openAi(api: "chat" | "responses"): PlanWire["modelAt"] {
  return ({ url: baseUrl }, model) =>
    createOpenAiModel({ id: `openai/${model}`, provider: "openai", model, apiKey, baseUrl, api });
}

export const planWires: readonly PlanWire[] = [
  { name: "chat", modelAt: openAi("chat") },
  { name: "responses", modelAt: openAi("responses") },
  {
    name: "messages",
    modelAt: ({ anthropicUrl: baseUrl }, model) => createAnthropicModel({ id: `anthropic/${model}`, model, apiKey, baseUrl }),
  },
];

/** The native calls that a request answers, by id, in whichever wire format. */
export function answeredCalls({ body }: RecordedRequest): readonly string[] {
  return idsIn(body, (object) => {
    const id = object["tool_call_id"] ?? object["tool_use_id"];
    return object["type"] === "function_call_output" ? object["call_id"] : id;
  });
}

/** The native calls that a request tells the model it made. */
export function toldCalls({ body }: RecordedRequest): readonly string[] {
  return idsIn(body, (object) => {
    if (object["type"] === "function_call") return object["call_id"];
    return object["type"] === "tool_use" || "function" in object ? object["id"] : undefined;
  });
}

type JsonObject = { readonly [key: string]: Json };

function idsIn(value: Json, idOf: (object: JsonObject) => Json | undefined): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  if (isArray(value)) return value.flatMap((item) => idsIn(item, idOf));
  const id = idOf(value);
  return [...(typeof id === "string" ? [id] : []), ...Object.values(value).flatMap((inner) => idsIn(inner, idOf))];
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** The results that a request tells the model, by the ids of their todos, in whichever plan format. */
export function toldResults({ body }: RecordedRequest): readonly string[] {
  return Array.from(JSON.stringify(body).matchAll(/<result id=\\"(t[\d.]+)\\"/g), ([, id = ""]) => id);
}
