import {
  type Lane,
  type LanguageModel,
  ModelError,
  createAnthropicModel,
  type createModelCatalog,
  createOpenAiModel,
  withLane,
  withRetries,
} from "@orquestra/core";
import type { KeyedProvider, ProviderAccess } from "./keys-file.ts";
import type { LocalServer } from "./local-servers.ts";

type ProviderEntry = Parameters<typeof createModelCatalog>[0]["providers"][number];

export interface FoundProviders {
  readonly openai: ProviderAccess | undefined;
  readonly anthropic: ProviderAccess | undefined;
  readonly compatible: ProviderAccess | undefined;
  readonly local: readonly LocalServer[];
  readonly cursor: FoundCursor;
  readonly demo: LanguageModel;
  /** The way to each provider, shared by all its models. */
  readonly lanes: { readonly [provider in KeyedProvider]: Lane };
}

/** Cursor's program on this machine. */
export interface FoundCursor {
  /** `null` where it is nowhere. */
  readonly path: string | null;
  /** Whether the settings hold a key; the login of `agent login` shows only when it is used. */
  readonly hasKey: boolean;
  readonly model: (name: string) => LanguageModel;
}

/** Offered where the provider was not asked; any other name may be written in the settings. */
const openAiModels = ["gpt-6.1-sol", "gpt-6.1-terra", "gpt-6-luna", "gpt-5.5"];
const anthropicModels = ["claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-5-5"];

const retries = { attempts: 3 };

/** One entry per provider this version knows, set up or not: what is missing is said, not hidden. */
export function providerEntries(found: FoundProviders): readonly ProviderEntry[] {
  return [openAi(found), anthropic(found), compatible(found), cursor(found.cursor), demo(found.demo)];
}

/** Each try takes its turn anew: between two of them others may go. */
function served(model: LanguageModel, lane: Lane): LanguageModel {
  return withRetries(withLane(model, lane), retries);
}

function openAi({ openai: access, lanes: { openai: lane } }: FoundProviders): ProviderEntry {
  const key = access?.key;
  return {
    provider: "openai",
    models: access?.models ?? openAiModels,
    available: key !== undefined,
    ...(key === undefined ? { hint: "Set OPENAI_API_KEY or paste a key." } : {}),
    create: (model) => {
      const named = { id: `openai/${model}`, provider: "openai", model, api: "responses" } as const;
      const { exhausted } = lane;
      return served(createOpenAiModel({ ...named, apiKey: key?.reveal(), baseUrl: access?.baseUrl, exhausted }), lane);
    },
  };
}

function anthropic({ anthropic: access, lanes: { anthropic: lane } }: FoundProviders): ProviderEntry {
  const key = access?.key;
  return {
    provider: "anthropic",
    models: access?.models ?? anthropicModels,
    available: key !== undefined,
    ...(key === undefined ? { hint: "Set ANTHROPIC_API_KEY or paste a key." } : {}),
    create: (model) => {
      const named = { id: `anthropic/${model}`, model };
      const { exhausted } = lane;
      return served(createAnthropicModel({ ...named, apiKey: key?.reveal() ?? "", baseUrl: access?.baseUrl, exhausted }), lane);
    },
  };
}

/** The server that was named, else whichever runs on this machine and has the model. */
function compatible({ compatible: named, local, lanes: { compatible: lane } }: FoundProviders): ProviderEntry {
  const servers = named?.baseUrl === undefined ? local : [];
  const hint = hintFor(named, servers);
  return {
    provider: "compatible",
    models: named?.baseUrl === undefined ? servers.flatMap(({ models }) => models) : (named.models ?? []),
    available: named?.baseUrl !== undefined || servers.length > 0,
    hint,
    create: (model) => {
      const server = servers.find(({ models }) => models.includes(model)) ?? servers[0];
      const baseUrl = named?.baseUrl ?? server?.baseUrl;
      if (baseUrl === undefined) throw new ModelError("auth", hint);
      const options = {
        id: `compatible/${model}`,
        provider: "compatible",
        model,
        apiKey: named?.key?.reveal(),
        baseUrl,
        api: "chat",
        exhausted: lane.exhausted,
      } as const;
      return served(createOpenAiModel(options), lane);
    },
  };
}

function hintFor(named: ProviderAccess | undefined, servers: readonly LocalServer[]): string {
  if (named?.baseUrl !== undefined) return `Served at ${new URL(named.baseUrl).host}.`;
  const running = servers.map(({ name, baseUrl }) => `${name} at ${new URL(baseUrl).host}`).join(", ");
  return running === "" ? "Set COMPATIBLE_BASE_URL, or start Ollama, LM Studio or vLLM on this machine." : `Found ${running}.`;
}

/** The model it picks itself; others may be named in settings, as `agent models` lists them. */
function cursor({ path, hasKey, model }: FoundCursor): ProviderEntry {
  const login = hasKey ? "Uses CURSOR_API_KEY." : "Needs `agent login`, or CURSOR_API_KEY.";
  const missing = "The Cursor CLI was not found. Install it, or say where it is with ORQUESTRA_CURSOR_COMMAND.";
  return {
    provider: "cursor",
    models: ["auto"],
    available: path !== null,
    hint: path === null ? missing : `Found at ${path}. ${login}`,
    create: (name) => withRetries(model(name), retries),
  };
}

function demo(model: LanguageModel): ProviderEntry {
  const hint = "Runs real tools on your folder, but it is no AI.";
  return { provider: "demo", models: ["demo"], available: true, demo: true, hint, create: () => model };
}
