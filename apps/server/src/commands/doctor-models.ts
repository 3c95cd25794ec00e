import { type ModelChoice, messageOf } from "@orquestra/core";
import type { Config } from "../config.ts";
import { type LiveRecord, liveText, readLiveRecord } from "../live/record.ts";
import { openModels } from "../open-models.ts";

export interface Finding {
  readonly topic: string;
  /** `missing` is no failure: it can be done without. */
  readonly state: "ok" | "missing" | "broken";
  readonly text: string;
}

const noServer: Finding = {
  topic: "compatible",
  state: "missing",
  text: "no server at COMPATIBLE_BASE_URL or at the ports of Ollama, LM Studio and vLLM",
};

/** Providers of real models: of each it is said whether a real one ever was. */
const wires = ["openai", "anthropic", "compatible", "cursor"];

/** A line per provider: what it offers, what is missing, what its models can do. */
export async function providers(config: Config): Promise<readonly Finding[]> {
  try {
    const models = await openModels(config);
    const choices = await models.list();
    const record = readLiveRecord();
    const names = [...new Set(choices.map(({ provider }) => provider))];
    const found = names.map((name) => {
      const own = choices.filter(({ provider }) => provider === name);
      return describe(name, own, record);
    });
    return names.includes("compatible") || config.compatibleUrl !== undefined ? found : [...found, noServer];
  } catch (error) {
    return [{ topic: "models", state: "broken", text: messageOf(error) }];
  }
}

function describe(provider: string, choices: readonly ModelChoice[], record: LiveRecord): Finding {
  const [first] = choices;
  const names = choices.slice(0, 4).map(({ model }) => model);
  const facts = [
    names.join(", "),
    ...(first?.hint === undefined ? [] : [first.hint]),
    ...(wires.includes(provider) ? [...abilitiesOf(choices), liveText(record, provider)] : []),
  ];
  return { topic: provider, state: first?.available === true ? "ok" : "missing", text: facts.join(" – ") };
}

const abilities = { tools: "native tools", images: "images", reasoning: "reasoning", priced: "cost" } as const;

/** What all of the models can do, and what is not known of some. */
function abilitiesOf(choices: readonly ModelChoice[]): readonly string[] {
  const names = (["tools", "images", "reasoning", "priced"] as const).filter((name) =>
    choices.every((choice) => choice[name] === true),
  );
  const unknown = choices.filter(({ contextWindow, priced }) => contextWindow === undefined || priced !== true);
  return [
    ...(names.length === 0 ? [] : [names.map((name) => abilities[name]).join(", ")]),
    ...(unknown.length === 0 ? [] : [`size or price not known of ${unknown.length} of ${choices.length} models`]),
  ];
}

/** Where vectors of text would come from. Nothing is sent to find out. */
export function embeddings({ embeddings: wanted, compatibleUrl }: Config): Finding {
  const topic = "embeddings";
  if (wanted.type === "none") return { topic, state: "missing", text: "none (ORQUESTRA_EMBEDDINGS)" };
  if (wanted.type === "local") {
    return { topic, state: "missing", text: "local ones come with a later version; compatible/MODEL names a server's" };
  }
  if (compatibleUrl === undefined)
    return { topic, state: "broken", text: `compatible/${wanted.model} needs COMPATIBLE_BASE_URL` };
  return { topic, state: "ok", text: `compatible/${wanted.model} at ${new URL(compatibleUrl).host}` };
}

/** Who would be asked to search the web. Nothing is sent to find out. */
export function webSearch({ searchProvider, searchUrl }: Config): Finding {
  const topic = "web search";
  if (searchProvider === undefined)
    return { topic, state: "missing", text: "none (ORQUESTRA_SEARCH_PROVIDER); pages can be opened by their address" };
  const place = searchUrl === undefined ? "" : ` at ${new URL(searchUrl).host}`;
  return { topic, state: "ok", text: `${searchProvider}${place}` };
}
