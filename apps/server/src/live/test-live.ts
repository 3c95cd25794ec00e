import { messageOf } from "@orquestra/core";
import { type Config, readConfig } from "../config.ts";
import { askModels } from "../models/ask-models.ts";
import { openModels } from "../open-models.ts";
import { type CheckResult, runChecks } from "./checks.ts";
import { type LiveRecord, readLiveRecord, recordPath, writeLiveRecord } from "./record.ts";

/** Milliseconds for everything: what is not done then is stopped. */
const patience = 55_000;

type Wire = "openai" | "anthropic" | "compatible" | "cursor";

/** Small models: what is tried is the wire, not the wit. `ORQUESTRA_MODEL` names others. */
const usualModels: { readonly [provider in Wire]?: string } = {
  openai: "gpt-5.4-nano",
  anthropic: "claude-haiku-4-5",
  cursor: "auto",
};

interface Tried {
  readonly provider: Wire;
  readonly model: string;
  readonly results: readonly CheckResult[];
}

/**
 * Tries every provider whose key or server the settings name, with real calls, and notes the day for those that pass.
 * The exit code: 0 when all that were tried passed, 1 otherwise, 2 when there was nobody to try.
 */
export async function testLive(record = recordPath, config: Config = readConfig({})): Promise<0 | 1 | 2> {
  const providers = configured(config);
  if (providers.length === 0) {
    print("Nothing to try: set OPENAI_API_KEY, ANTHROPIC_API_KEY, COMPATIBLE_BASE_URL or CURSOR_API_KEY.");
    return 2;
  }
  const signal = AbortSignal.timeout(patience);
  const tried = await Promise.all(providers.map((provider) => tryProvider(provider, config, signal)));
  for (const one of tried) report(one);
  const passed = tried.filter(({ results }) => results.every(({ problem }) => problem === null));
  note(
    passed.filter(({ provider }) => isReal(provider, config)),
    record,
  );
  return passed.length === tried.length ? 0 : 1;
}

function configured({ openaiKey, anthropicKey, compatibleUrl, cursorKey }: Config): readonly Wire[] {
  const found = { openai: openaiKey, anthropic: anthropicKey, compatible: compatibleUrl, cursor: cursorKey };
  return (["openai", "anthropic", "compatible", "cursor"] as const).filter((provider) => found[provider] !== undefined);
}

async function tryProvider(provider: Wire, config: Config, signal: AbortSignal): Promise<Tried> {
  const model = await modelOf(provider, config).catch((error: unknown) => messageOf(error));
  const models = await openModels(config);
  try {
    // Looks around for programs and servers of this machine.
    await models.list();
    return { provider, model, results: await runChecks(models.resolve(`${provider}/${model}`), signal) };
  } catch (error) {
    const usage = { inputTokens: 0, outputTokens: 0 };
    return { provider, model, results: [{ name: "start", ms: 0, problem: messageOf(error), usage, cost: null }] };
  } finally {
    await models.close();
  }
}

/** The one in the settings, else a small one; of a compatible server the first it lists. */
async function modelOf(provider: Wire, config: Config): Promise<string> {
  const wanted = config.model?.split(",").find((link) => link.trim().startsWith(`${provider}/`));
  const usual = usualModels[provider];
  if (wanted !== undefined) return wanted.trim().slice(provider.length + 1);
  if (usual !== undefined) return usual;
  const [first] = await askModels("compatible", { key: config.compatibleKey, baseUrl: config.compatibleUrl });
  return first ?? "none";
}

/** Another server under a vendor's name proves nothing about that vendor. */
function isReal(provider: Wire, { openaiUrl, anthropicUrl }: Config): boolean {
  if (provider === "openai") return openaiUrl === undefined;
  return provider !== "anthropic" || anthropicUrl === undefined;
}

function report({ provider, model, results }: Tried): void {
  print(`${provider}/${model}`);
  for (const { name, ms, problem } of results) {
    print(
      `  ${problem === null ? "ok    " : "FAILED"}  ${name.padEnd(13)} ${(ms / 1000).toFixed(1)} s${problem === null ? "" : `  ${problem}`}`,
    );
  }
  const input = results.reduce((sum, { usage }) => sum + usage.inputTokens, 0);
  const output = results.reduce((sum, { usage }) => sum + usage.outputTokens, 0);
  const cost = results.some((result) => result.cost === null)
    ? null
    : results.reduce((sum, result) => sum + (result.cost ?? 0), 0);
  print(`  ${input} input and ${output} output tokens, ${cost === null ? "cost not known" : `$${cost.toFixed(4)}`}`);
}

function note(passed: readonly Tried[], path: string): void {
  if (passed.length === 0) return;
  const date = new Date().toISOString().slice(0, 10);
  const record: LiveRecord = readLiveRecord(path);
  for (const { provider, model, results } of passed) record[provider] = { date, model, checks: results.map(({ name }) => name) };
  writeLiveRecord(path, record);
  print(`Noted in ${path}.`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
