import { askModels } from "./ask-models.ts";

export interface LocalServer {
  readonly name: string;
  readonly baseUrl: string;
  readonly models: readonly string[];
}

/** Where servers with an OpenAI-compatible API listen when nobody told them otherwise. */
export const usualServers = [
  { name: "Ollama", baseUrl: "http://127.0.0.1:11434/v1" },
  { name: "LM Studio", baseUrl: "http://127.0.0.1:1234/v1" },
  { name: "vLLM", baseUrl: "http://127.0.0.1:8000/v1" },
] as const;

const patienceMs = 300;

/** The model servers that run on this machine: those that answer in time with at least one model. Sends nothing but that question. */
export async function findLocalServers(
  places: readonly Omit<LocalServer, "models">[] = usualServers,
): Promise<readonly LocalServer[]> {
  const found = await Promise.all(places.map(ask));
  return found.flatMap((server) => (server === null ? [] : [server]));
}

async function ask(place: Omit<LocalServer, "models">): Promise<LocalServer | null> {
  try {
    const models = await askModels("compatible", { baseUrl: place.baseUrl }, patienceMs);
    return models.length === 0 ? null : { ...place, models };
  } catch {
    // Nobody there, or somebody else: both mean that there is no model here.
    return null;
  }
}
