import { SecretValue } from "@orquestra/core";
import { modes } from "@orquestra/protocol";
import { z } from "zod";
import { costLimit, embeddings, modelLimits, prices } from "./config-models.ts";
import { searchKey, searchProviders } from "./config-search.ts";

/** Where a setting is found. In `orquestra.yaml` it has the name of its variable, in small letters and without `ORQUESTRA_`. */
export interface SettingPlace {
  readonly variable: string;
  /** Absent for secrets and rare things: a command line can be read by others. */
  readonly flag?: string;
  readonly secret?: boolean;
  /** For `--help`. */
  readonly says: string;
}

const port = z
  .string()
  .regex(/^\d{1,5}$/, "must be a port from 0 to 65535")
  .transform(Number)
  .refine((value) => value <= 65_535, "must be a port from 0 to 65535");

const host = z.string().regex(/^[\w.:-]+$/, "must be a host name or an IP address");

const token = z
  .string()
  .regex(/^[\x21-\x7e]{16,}$/, "must have at least 16 characters, without spaces")
  .transform(secret("ORQUESTRA_TOKEN"));

const list = z.string().transform((text) => text.split(",").map((item) => item.trim()));

const hosts = list.refine((items) => items.every((item) => /^(\[[\da-f:]+\]|[\w.-]+)(:\d{1,5})?$/i.test(item)), {
  error: "must be hosts as browsers send them, like orquestra.example.org or orquestra.example.org:4310, parted by commas",
});

const origins = list.refine((items) => items.every(isOrigin), {
  error: "must be origins like https://orquestra.example.org, without a path, parted by commas",
});

const flag = z.enum(["true", "false"], "must be true or false").transform((text) => text === "true");

const providers = ["openai", "anthropic", "compatible", "cursor"];

const model = z.string().refine((text) => text.split(",").every(isModel), {
  error: `must be demo or provider/model with a provider of ${providers.join(", ")}; a comma makes a fallback chain`,
});

const httpUrl = z.url({ protocol: /^https?$/, error: "must be an http or https URL" });

const databaseUrl = z.url({ protocol: /^postgres(ql)?$/, error: "must be a postgres:// URL" }).transform(secret("DATABASE_URL"));

const userNumber = z
  .string()
  .regex(/^[1-9]\d{0,8}$/, "must be the number of a user that is not root")
  .transform(Number);

const retentionDays = z
  .string()
  .regex(/^\d{1,5}$/, "must be a number of days, 0 to keep everything")
  .transform(Number);

const redisUrl = z.url({ protocol: /^rediss?$/, error: "must be a redis:// or rediss:// URL" }).transform(secret("REDIS_URL"));

const redisPrefix = z.string().regex(/^[\w.-]{1,64}$/, "must be up to 64 letters, digits, dots, hyphens or underscores");

const mode = oneOf(modes);

const logLevel = oneOf(["fatal", "error", "warn", "info", "debug", "trace", "silent"]);

const searchProvider = oneOf(searchProviders);

/** Every setting, as text turns into its value. */
export const settingSchemas = {
  port: port.default(4310),
  host: host.default("127.0.0.1"),
  workspace: z.string().optional(),
  dataDir: z.string().default("~/.orquestra"),
  token: token.optional(),
  allowedHosts: hosts.default([]),
  allowedOrigins: origins.default([]),
  embedApprovals: flag.default(false),
  model: model.optional(),
  planFormat: z.enum(["lines", "json", "tools"], "must be lines, json or tools").optional(),
  mode: mode.default("ask"),
  costLimit: costLimit.default(0),
  prices: prices.default({}),
  modelLimits: modelLimits.default({}),
  openaiKey: key("OPENAI_API_KEY").optional(),
  openaiUrl: httpUrl.optional(),
  anthropicKey: key("ANTHROPIC_API_KEY").optional(),
  anthropicUrl: httpUrl.optional(),
  compatibleKey: key("COMPATIBLE_API_KEY").optional(),
  compatibleUrl: httpUrl.optional(),
  cursorKey: key("CURSOR_API_KEY").optional(),
  cursorCommand: z.string().default("agent"),
  sandboxUid: userNumber.optional(),
  databaseUrl: databaseUrl.optional(),
  redisUrl: redisUrl.optional(),
  retentionDays: retentionDays.default(30),
  redisPrefix: redisPrefix.default("orquestra"),
  searchProvider: searchProvider.optional(),
  searchUrl: httpUrl.optional(),
  searchKey: searchKey.transform(secret("ORQUESTRA_SEARCH_KEY")).optional(),
  embeddings: embeddings.default({ type: "none" }),
  otlpEndpoint: httpUrl.optional(),
  logLevel: logLevel.default("warn"),
};

export const settingsSchema = z.strictObject(settingSchemas);
export type SettingName = keyof typeof settingSchemas;
export type Settings = z.output<typeof settingsSchema>;

export const settingPlaces: { readonly [name in SettingName]: SettingPlace } = {
  port: { variable: "ORQUESTRA_PORT", flag: "port", says: "port to listen on (4310)" },
  host: { variable: "ORQUESTRA_HOST", flag: "host", says: "address to listen on (127.0.0.1)" },
  workspace: { variable: "ORQUESTRA_WORKSPACE", flag: "workspace", says: "folder to work in (the current one)" },
  dataDir: { variable: "ORQUESTRA_DATA_DIR", flag: "data-dir", says: "where everything is kept (~/.orquestra)" },
  token: { variable: "ORQUESTRA_TOKEN", secret: true, says: "fixed bearer token (otherwise one is made)" },
  allowedHosts: { variable: "ORQUESTRA_ALLOWED_HOSTS", says: "names this server is reached by, beside the loopback ones" },
  allowedOrigins: { variable: "ORQUESTRA_ALLOWED_ORIGINS", says: "pages that may talk to it (the loopback ones)" },
  embedApprovals: {
    variable: "ORQUESTRA_EMBED_APPROVALS",
    says: "true: embedded users may answer approvals, where their token was minted so (false)",
  },
  model: { variable: "ORQUESTRA_MODEL", flag: "model", says: "provider/model, a comma makes a fallback chain" },
  planFormat: {
    variable: "ORQUESTRA_PLAN_FORMAT",
    flag: "plan-format",
    says: "lines, json or tools: how the model writes its plan (what suits it)",
  },
  mode: { variable: "ORQUESTRA_MODE", flag: "mode", says: "ceiling: plan, ask, workspace or headless (ask)" },
  costLimit: { variable: "ORQUESTRA_COST_LIMIT", says: "US dollars a run may cost before it asks; 0 for no limit (0)" },
  prices: {
    variable: "ORQUESTRA_PRICES",
    says: "own prices: provider/model=INPUT/CACHED/OUTPUT in US dollars per million tokens, parted by commas",
  },
  modelLimits: {
    variable: "ORQUESTRA_MODEL_LIMITS",
    says: "provider=CALLS/REQUESTS/TOKENS: at once, a minute, a minute; 0 for no limit (1000/0/0)",
  },
  openaiKey: { variable: "OPENAI_API_KEY", secret: true, says: "key for openai/… models" },
  openaiUrl: { variable: "OPENAI_BASE_URL", says: "another server for openai/… models" },
  anthropicKey: { variable: "ANTHROPIC_API_KEY", secret: true, says: "key for anthropic/… models" },
  anthropicUrl: { variable: "ANTHROPIC_BASE_URL", says: "another server for anthropic/… models" },
  compatibleKey: { variable: "COMPATIBLE_API_KEY", secret: true, says: "key for compatible/… models, where one is needed" },
  compatibleUrl: { variable: "COMPATIBLE_BASE_URL", says: "OpenAI-compatible server for compatible/… models" },
  cursorKey: { variable: "CURSOR_API_KEY", secret: true, says: "key for cursor/… models, where `agent login` was not used" },
  cursorCommand: { variable: "ORQUESTRA_CURSOR_COMMAND", says: "the Cursor CLI (agent)" },
  sandboxUid: {
    variable: "ORQUESTRA_SANDBOX_UID",
    says: "user that sandboxed commands run as where the server is root (the folder's owner, 65534 for root's)",
  },
  databaseUrl: { variable: "DATABASE_URL", secret: true, says: "PostgreSQL instead of the embedded database" },
  retentionDays: {
    variable: "ORQUESTRA_RETENTION_DAYS",
    says: "days after a run ended until its events give way to a snapshot; 0 keeps all (30)",
  },
  redisUrl: { variable: "REDIS_URL", secret: true, says: "Redis, to spread work over nodes of one DATABASE_URL" },
  redisPrefix: {
    variable: "ORQUESTRA_REDIS_PREFIX",
    says: "what keys in Redis begin with, where installations share one (orquestra)",
  },
  searchProvider: { variable: "ORQUESTRA_SEARCH_PROVIDER", says: "searxng, brave or tavily: who answers web_search (nobody)" },
  searchUrl: { variable: "ORQUESTRA_SEARCH_URL", says: "address of your SearXNG, or another one for brave or tavily" },
  searchKey: { variable: "ORQUESTRA_SEARCH_KEY", secret: true, says: "key for brave or tavily" },
  embeddings: { variable: "ORQUESTRA_EMBEDDINGS", says: "none, local or compatible/MODEL (none)" },
  otlpEndpoint: { variable: "OTEL_EXPORTER_OTLP_ENDPOINT", says: "where traces go" },
  logLevel: { variable: "LOG_LEVEL", says: "fatal, error, warn, info, debug, trace or silent (warn)" },
};

export const settingNames = settingsSchema.keyof().options;

/** The name of a setting in `orquestra.yaml`. */
export function fileKey({ variable }: SettingPlace): string {
  return variable
    .replace(/^ORQUESTRA_/, "")
    .toLowerCase()
    .replaceAll("_", "-");
}

function key(name: string) {
  return z.string().transform(secret(name));
}

/** From here on it is a thing that nothing prints. */
function secret(name: string): (value: string) => SecretValue {
  return (value) => new SecretValue(name, value);
}

function oneOf<const T extends readonly [string, ...string[]]>(words: T) {
  return z.enum(words, `must be ${words.slice(0, -1).join(", ")} or ${words.at(-1)}`);
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;
}

function isModel(text: string): boolean {
  const [provider, ...name] = text.trim().split("/");
  return text.trim() === "demo" || (providers.includes(provider ?? "") && name.join("/") !== "");
}
