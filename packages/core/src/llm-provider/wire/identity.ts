/** Whom a failure speaks of. */
export interface ModelIdentity {
  readonly provider: string;
  /** The model's name at its provider. */
  readonly model: string;
  /** The setting that holds the key, for advice. */
  readonly keyName: string;
  /** Where requests go; only its origin is ever shown. */
  readonly baseUrl: string;
}

/** Without user, password and path, which may be secret. */
export function originOf(who: ModelIdentity): string {
  return URL.canParse(who.baseUrl) ? new URL(who.baseUrl).origin : who.provider;
}

/** `OPENAI_API_KEY` for `openai`: keys are named so in the settings. */
export function keyNameOf(provider: string): string {
  return `${provider.toUpperCase().replaceAll(/[^A-Z0-9]+/g, "_")}_API_KEY`;
}
