import type { PlanFormat } from "@orquestra/protocol";
import {
  type AnyTool,
  type LanguageModel,
  createAnthropicModel,
  createCursorProvider,
  createModelCatalog,
  createOpenAiModel,
  withRetries,
} from "@orquestra/core";
import { type Pace, type Wire, startScriptedServer } from "./scripted/scripted-server.ts";
import { type Task, exchangesOf } from "./task.ts";

export interface Models {
  /** The model for one run. */
  modelFor(task: Task, format: PlanFormat, tools: readonly AnyTool[]): LanguageModel;
  close(): Promise<void>;
}

const realisticPace: Pace = { firstTokenDelayMs: 400, tokensPerSecond: 60 };

export async function openScriptedModels(options: { readonly wire: Wire; readonly paced: boolean }): Promise<Models> {
  const server = await startScriptedServer(options.wire, options.paced ? realisticPace : undefined);
  return {
    modelFor: (task, format, tools) => server.model({ exchanges: exchangesOf(task, task.solution), format, tools }),
    close: () => server.close(),
  };
}

/** Where keys and addresses are looked up. */
export interface Environment {
  readonly [name: string]: string | undefined;
}

/** Throws a ModelError that says what is missing for this model. */
export function openRealModel(id: string, environment: Environment): Models {
  const cursor = cursorIn(environment);
  const providers = [
    ...providersIn(environment),
    { provider: "cursor", models: ["auto"], available: true, create: cursor.model },
  ];
  const model = createModelCatalog({ defaultModel: id, providers }).resolve(id);
  return { modelFor: () => model, close: cursor.close };
}

type Provider = Parameters<typeof createModelCatalog>[0]["providers"][number];

/** Its program is looked for with the first call. */
function cursorIn({ ORQUESTRA_CURSOR_COMMAND: command, CURSOR_API_KEY: apiKey, HOME = "", PATH = "" }: Environment) {
  const provider = createCursorProvider({ command, apiKey, environment: { HOME, PATH } });
  return { model: (name: string) => withRetries(provider.model(name), retries), close: () => provider.close() };
}

const retries = { attempts: 4 };

function providersIn(environment: Environment): readonly Provider[] {
  const { OPENAI_API_KEY: openAiKey, OPENAI_BASE_URL: openAiUrl, COMPATIBLE_BASE_URL: compatibleUrl } = environment;
  const { ANTHROPIC_API_KEY: anthropicKey, ANTHROPIC_BASE_URL: anthropicUrl, COMPATIBLE_API_KEY: compatibleKey } = environment;
  const named = (provider: string, model: string) => ({ id: `${provider}/${model}`, provider, model });
  return [
    {
      ...setUp("openai", openAiKey, "Set OPENAI_API_KEY."),
      create: (model) =>
        withRetries(
          createOpenAiModel({ ...named("openai", model), apiKey: openAiKey, baseUrl: openAiUrl, api: "responses" }),
          retries,
        ),
    },
    {
      ...setUp("anthropic", anthropicKey, "Set ANTHROPIC_API_KEY."),
      create: (model) =>
        withRetries(
          createAnthropicModel({ ...named("anthropic", model), apiKey: anthropicKey ?? "", baseUrl: anthropicUrl }),
          retries,
        ),
    },
    {
      ...setUp("compatible", compatibleUrl, "Set COMPATIBLE_BASE_URL, for instance http://127.0.0.1:11434/v1."),
      create: (model) =>
        withRetries(
          createOpenAiModel({ ...named("compatible", model), apiKey: compatibleKey, baseUrl: compatibleUrl, api: "chat" }),
          retries,
        ),
    },
  ];
}

/** Which of its models is always said on the command line. */
function setUp(provider: string, needed: string | undefined, hint: string) {
  return { provider, models: [], available: needed !== undefined && needed !== "", hint };
}
