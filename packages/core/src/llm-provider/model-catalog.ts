import type { LanguageModel } from "./language-model.ts";

/** A model a person may pick, and whether it would work. */
export interface ModelChoice {
  /** `provider/model`. */
  readonly model: string;
  readonly provider: string;
  readonly available: boolean;
  /** What is missing, or where it was found. */
  readonly hint?: string;
  readonly demo?: boolean;
  /** Tokens of prompt and answer together. This and what follows: where it is known by its name. */
  readonly contextWindow?: number;
  readonly tools?: boolean;
  readonly images?: boolean;
  readonly reasoning?: boolean;
  /** Whether a cost can be told of its calls. */
  readonly priced?: boolean;
}

/** The models of a server, by their setting `provider/model` (a comma makes a fallback chain). */
export interface ModelCatalog {
  /** What a session uses when nobody picked. */
  readonly defaultModel: string;
  /** Throws a ModelError `invalid_request` for an unknown id, `auth` where the key is missing. */
  resolve(id: string): LanguageModel;
  list(): Promise<readonly ModelChoice[]>;
}
