import { OrquestraError, Redactor, SecretValue } from "@orquestra/core";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { z } from "zod";
import { type SettingsFile, readSettingsFile } from "./config-file.ts";
import { searchProblem } from "./config-search.ts";
import {
  type SettingName,
  type SettingPlace,
  type Settings,
  fileKey,
  settingNames,
  settingPlaces,
  settingsSchema,
} from "./config-settings.ts";
import { addSecrets, environmentSecrets, urlSecrets } from "./process-secrets.ts";

export interface Config extends Settings {
  /** The file that was read, if there is one. */
  readonly file: string | null;
  readonly home: string;
  /** Settings that are understood and have no effect in this version. */
  readonly withoutEffect: readonly string[];
  /** Directories in which commands are looked for. */
  readonly searchPath: string;
  /** Knows every secret this process holds; what it learns later is added. */
  readonly redactor: Redactor;
  /** Of secrets that cannot be told from other text: why. One line each. */
  readonly exposed: readonly string[];
  /** What programs that are used as models get of the environment. */
  readonly agentEnvironment: { readonly [variable: string]: string };
}

/** Flags as the command line gave them: name without dashes → text. */
export type Flags = { readonly [flag: string]: string | undefined };

type Environment = { readonly [variable: string]: string | undefined };

/** The settings do not make sense. One line each: what is wrong and where. */
export class ConfigError extends OrquestraError {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super("bad_settings", problems.join("\n"));
    this.problems = problems;
  }
}

interface Found {
  readonly text: string;
  /** How to call the place it was found in. */
  readonly where: string;
}

const notYet: readonly SettingName[] = ["embeddings", "otlpEndpoint"];

/**
 * Flag > environment > `orquestra.yaml` of the user > default. The workspace has no say.
 * Throws a ConfigError that names every setting that is unknown or malformed.
 */
export function readConfig(flags: Flags, environment: Environment = process.env): Config {
  const home = environment["HOME"] || homedir();
  const dataDir = flags["data-dir"] ?? (environment["ORQUESTRA_DATA_DIR"] || "~/.orquestra");
  const file = readSettingsFile(candidates(home, absolute(dataDir, home), environment));
  const found = collect(flags, environment, file);
  const parsed = settingsSchema.safeParse(Object.fromEntries([...found].map(([name, { text }]) => [name, text])));
  const problems = [...unknownVariables(environment), ...file.problems, ...(parsed.success ? [] : explain(parsed.error, found))];
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  const settings = parsed.data;
  const contradictions = [exposure(settings), sharing(settings), searchProblem(settings)].filter((problem) => problem !== null);
  if (contradictions.length > 0) throw new ConfigError(contradictions);
  const redactor = new Redactor();
  const exposed = addSecrets(redactor, settingSecrets(settings));
  addSecrets(redactor, environmentSecrets(environment));
  return {
    ...settings,
    redactor,
    exposed,
    dataDir: absolute(settings.dataDir, home),
    workspace: settings.workspace === undefined ? undefined : absolute(settings.workspace, home),
    file: file.path,
    home,
    withoutEffect: notYet.filter((name) => found.has(name)).map((name) => settingPlaces[name].variable),
    searchPath: environment["PATH"] ?? "",
    agentEnvironment: agentEnvironment(environment, home),
  };
}

/** Keys, and the passwords in addresses. */
function settingSecrets(settings: Settings): readonly SecretValue[] {
  return settingNames.flatMap((name) => {
    const value = settings[name];
    const text = value instanceof SecretValue ? value.reveal() : value;
    if (typeof text !== "string") return [];
    if (name.endsWith("Url") || name === "otlpEndpoint") return urlSecrets(settingPlaces[name].variable, text);
    return value instanceof SecretValue ? [value] : [];
  });
}

/** Where it finds its login, its programs and the network; no key of anybody's is among them. */
const agentVariables =
  "PATH USER LOGNAME LANG LC_ALL TMPDIR XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME HTTP_PROXY HTTPS_PROXY NO_PROXY " +
  "http_proxy https_proxy no_proxy NODE_EXTRA_CA_CERTS SSL_CERT_FILE";

function agentEnvironment(environment: Environment, home: string): { readonly [variable: string]: string } {
  const given = agentVariables.split(" ").map((variable) => [variable, environment[variable]] as const);
  return { ...Object.fromEntries(given.filter((pair): pair is readonly [string, string] => pair[1] !== undefined)), HOME: home };
}

/** Whether whoever runs this wants to see where failures come from; also when the settings are what failed. */
export function wantsStacks(environment: Environment = process.env): boolean {
  return environment["LOG_LEVEL"] === "debug" || environment["LOG_LEVEL"] === "trace";
}

/** What is known to be secret before there are settings; also when the settings are what failed. */
export function environmentRedactor(environment: Environment = process.env): Redactor {
  const redactor = new Redactor();
  addSecrets(redactor, environmentSecrets(environment));
  return redactor;
}

/** True for addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

function candidates(home: string, dataDir: string, environment: Environment): readonly string[] {
  const configHome = environment["XDG_CONFIG_HOME"] || join(home, ".config");
  return [join(dataDir, "orquestra.yaml"), join(configHome, "orquestra", "orquestra.yaml")];
}

function unknownVariables(environment: Environment): readonly string[] {
  const known = new Set(settingNames.map((name) => settingPlaces[name].variable));
  return Object.keys(environment)
    .filter((variable) => variable.startsWith("ORQUESTRA_") && !known.has(variable))
    .map((variable) => `${variable}: unknown setting; orquestra --help lists them`);
}

function collect(flags: Flags, environment: Environment, file: SettingsFile): ReadonlyMap<SettingName, Found> {
  const found = new Map<SettingName, Found>();
  for (const name of settingNames) {
    const value = find(settingPlaces[name], { flags, environment, file });
    if (value !== null) found.set(name, value);
  }
  return found;
}

interface Sources {
  readonly flags: Flags;
  readonly environment: Environment;
  readonly file: SettingsFile;
}

/** An empty variable counts as absent: that is how compose files and CI write it. */
function find(place: SettingPlace, { flags, environment, file }: Sources): Found | null {
  const flag = place.flag === undefined ? undefined : flags[place.flag];
  if (flag !== undefined) return { text: flag, where: `--${place.flag}` };
  const variable = environment[place.variable];
  if (variable) return { text: variable, where: place.variable };
  const written = file.texts[fileKey(place)];
  return written === undefined ? null : { text: written, where: `${file.path}: ${fileKey(place)}` };
}

function explain(error: z.ZodError, found: ReadonlyMap<SettingName, Found>): readonly string[] {
  return error.issues.map((issue) => {
    const name = settingNames.find((candidate) => candidate === issue.path[0]);
    const value = name === undefined ? undefined : found.get(name);
    if (name === undefined || value === undefined) return issue.message;
    const shown = settingPlaces[name].secret === true ? "" : ` (it is ${JSON.stringify(value.text)})`;
    return `${value.where}: ${issue.message}${shown}`;
  });
}

function exposure({ host, token, allowedHosts }: Settings): string | null {
  if (isLoopback(host) || (token !== undefined && allowedHosts.length > 0)) return null;
  return (
    `ORQUESTRA_HOST: ${host} can be reached by others, so ORQUESTRA_TOKEN and ORQUESTRA_ALLOWED_HOSTS must be set ` +
    `(and ORQUESTRA_ALLOWED_ORIGINS for browsers)`
  );
}

function sharing({ redisUrl, databaseUrl }: Settings): string | null {
  if (redisUrl === undefined || databaseUrl !== undefined) return null;
  return "REDIS_URL: needs DATABASE_URL too, as the embedded database belongs to one process and cannot be shared by several";
}

function absolute(path: string, home: string): string {
  return resolve(path === "~" || path.startsWith("~/") ? join(home, path.slice(1)) : path);
}
