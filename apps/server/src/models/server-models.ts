import {
  type AgentProvider,
  CommandError,
  Lane,
  type LaneLimits,
  type LanguageModel,
  type ModelCatalog,
  type ModelChoice,
  ModelHealth,
  type PriceTable,
  type SecretValue,
  createCursorProvider,
  createModelCatalog,
  messageOf,
} from "@orquestra/core";
import type { CommandData, ReplyData } from "@orquestra/protocol";
import { askModels } from "./ask-models.ts";
import { findCommand } from "./find-command.ts";
import { type KeyedProvider, type KeysFile, type PastedKeys, type ProviderAccess, pastedKey } from "./keys-file.ts";
import { type LocalServer, findLocalServers, usualServers } from "./local-servers.ts";
import { providerEntries } from "./provider-entries.ts";

export interface ServerModelsOptions {
  /** What the settings say. */
  readonly configured: PastedKeys;
  /** The configured model or chain; absent: the demo model until somebody picks. */
  readonly model: string | undefined;
  /** Prices before the known ones. */
  readonly prices?: PriceTable;
  readonly limits?: { readonly [provider in KeyedProvider]?: LaneLimits };
  readonly keys: KeysFile;
  /** Takes keys that were pasted, so that they are kept out of what is written and sent. */
  readonly learned: (key: SecretValue) => void;
  readonly demo: LanguageModel;
  readonly cursor: CursorSetting;
  /** Default: the usual ports of this machine. */
  readonly localServers?: readonly Omit<LocalServer, "models">[];
}

export interface CursorSetting {
  readonly command: string;
  /** Directories in which the command is looked for. */
  readonly searchPath: string;
  readonly apiKey?: SecretValue | undefined;
  /** All its program gets of the environment. */
  readonly environment: { readonly [variable: string]: string };
}

/**
 * The models of this server: from its settings, from keys pasted in the app, and from what runs on this machine.
 * A pasted key comes before a configured one, because it is the later decision. Nothing is sent to a provider before a
 * person picked its model or pasted its key.
 */
export class ServerModels implements ModelCatalog {
  readonly defaultModel: string;
  readonly #options: ServerModelsOptions;
  #pasted: PastedKeys = {};
  #local: readonly LocalServer[] = [];
  #cursorPath: string | null = null;
  /** Outlive the catalog, which is made anew with everything that is found. */
  readonly #health = new ModelHealth();
  readonly #lanes: { readonly [provider in KeyedProvider]: Lane };
  #cursor: AgentProvider | null = null;
  #catalog: ModelCatalog;

  private constructor(options: ServerModelsOptions) {
    this.#options = options;
    this.defaultModel = options.model ?? "demo";
    const { openai, anthropic, compatible } = options.limits ?? {};
    this.#lanes = { openai: new Lane(openai), anthropic: new Lane(anthropic), compatible: new Lane(compatible) };
    this.#catalog = this.#build();
  }

  /** Reads the pasted keys and looks for Cursor's program. Looks for local servers only when the configured model needs one that no setting names. */
  static async open(options: ServerModelsOptions): Promise<ServerModels> {
    const models = new ServerModels(options);
    models.#pasted = await options.keys.read();
    for (const access of Object.values(models.#pasted)) if (access?.key !== undefined) options.learned(access.key);
    models.#cursorPath = await models.#findCursor();
    const needsLocal = options.model?.includes("compatible") === true && models.#access("compatible") === undefined;
    if (needsLocal) models.#local = await models.#findLocal();
    models.#catalog = models.#build();
    return models;
  }

  resolve(id: string): LanguageModel {
    return this.#catalog.resolve(id);
  }

  /** Looks around on this machine each time: a server may have been started meanwhile. */
  async list(): Promise<readonly ModelChoice[]> {
    [this.#local, this.#cursorPath] = await Promise.all([this.#findLocal(), this.#findCursor()]);
    this.#catalog = this.#build();
    return this.#withDefault(await this.#catalog.list());
  }

  /** Tries a pasted key and keeps it when it works. Throws a CommandError that says what is wrong with it. */
  async connect({ provider, key: text, baseUrl }: CommandData<"model-connect">): Promise<ReplyData<"model-connect">> {
    const key = text === undefined ? undefined : pastedKey(provider, text);
    if (provider !== "compatible" && key === undefined) throw new CommandError("bad_request", "Paste a key.");
    const models = await askModels(provider, { key, baseUrl });
    if (key !== undefined) this.#options.learned(key);
    const pasted = { ...this.#pasted, [provider]: { key, baseUrl, models: [...models] } };
    await this.#options.keys.write(pasted);
    this.#pasted = pasted;
    this.#catalog = this.#build();
    return { models: [...models] };
  }

  /** Ends the programs that were started for models. */
  async close(): Promise<void> {
    await this.#cursor?.close();
  }

  /** Settings may name a model that its provider does not list, or a chain, which none lists: it is a choice all the same. */
  #withDefault(choices: readonly ModelChoice[]): readonly ModelChoice[] {
    const model = this.defaultModel;
    if (choices.some((choice) => choice.model === model)) return choices;
    const [provider = model] = model.split("/");
    const hint = this.#missingFor(model);
    return [{ model, provider, available: hint === undefined, ...(hint === undefined ? {} : { hint }) }, ...choices];
  }

  #missingFor(model: string): string | undefined {
    try {
      this.resolve(model);
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  }

  #findLocal(): Promise<readonly LocalServer[]> {
    return findLocalServers(this.#options.localServers ?? usualServers);
  }

  #findCursor(): Promise<string | null> {
    const { command, searchPath } = this.#options.cursor;
    return findCommand(command, searchPath);
  }

  /** One provider for all its models, made with the first and kept: it holds processes. */
  #cursorModel(name: string): LanguageModel {
    const { command, apiKey, environment } = this.#options.cursor;
    this.#cursor ??= createCursorProvider({ command: this.#cursorPath ?? command, apiKey: apiKey?.reveal(), environment });
    return this.#cursor.model(name);
  }

  #access(provider: keyof PastedKeys): ProviderAccess | undefined {
    return this.#pasted[provider] ?? this.#options.configured[provider];
  }

  #build(): ModelCatalog {
    const [openai, anthropic, compatible] = [this.#access("openai"), this.#access("anthropic"), this.#access("compatible")];
    const hasKey = this.#options.cursor.apiKey !== undefined;
    const cursor = { path: this.#cursorPath, hasKey, model: (name: string) => this.#cursorModel(name) };
    const { demo, prices } = this.#options;
    const lanes = this.#lanes;
    const found = { openai, anthropic, compatible, local: this.#local, cursor, demo, lanes };
    return createModelCatalog({
      defaultModel: this.defaultModel,
      providers: providerEntries(found),
      health: this.#health,
      ...(prices === undefined ? {} : { prices }),
    });
  }
}
