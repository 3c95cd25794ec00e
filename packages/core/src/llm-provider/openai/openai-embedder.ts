import type { Embedder } from "../embedder.ts";
import { ModelError } from "../language-model.ts";
import { SilentError, abortedFailure, failureOfException } from "../wire/exceptions.ts";
import { type ModelIdentity, keyNameOf } from "../wire/identity.ts";
import { asCount, asList, asObject, parseJson } from "../wire/json.ts";
import { openAiClient } from "./client.ts";

export interface OpenAiEmbedderOptions {
  /** `provider/model`, as settings write it. */
  readonly id: string;
  readonly provider: string;
  /** The model's name at the provider. */
  readonly model: string;
  /** Absent for servers that take none. */
  readonly apiKey?: string | undefined;
  /** Ends before `/embeddings`, mostly with `/v1`. */
  readonly baseUrl: string;
  /** Texts in one request. Default 64. */
  readonly batchSize?: number | undefined;
  /** Characters in one request, as far as a single text allows. Default 100,000: servers take some 300,000 tokens at most. */
  readonly batchCharacters?: number | undefined;
  /** Longest wait for one request, in ms. Default 60,000. */
  readonly timeoutMs?: number | undefined;
}

/** The embeddings of OpenAI, or of a server compatible with it. */
export function createOpenAiEmbedder(options: OpenAiEmbedderOptions): Embedder {
  return new OpenAiEmbedder(options);
}

class OpenAiEmbedder implements Embedder {
  readonly id: string;
  readonly #options: OpenAiEmbedderOptions;
  readonly #who: ModelIdentity;
  readonly #post: ReturnType<typeof openAiClient>;
  readonly #timeoutMs: number;
  #dimensions: number | null = null;

  constructor(options: OpenAiEmbedderOptions) {
    const { id, provider, model, baseUrl, apiKey, timeoutMs = 60_000 } = options;
    this.id = id;
    this.#options = options;
    this.#timeoutMs = timeoutMs;
    this.#who = { provider, model, baseUrl, keyName: keyNameOf(provider) };
    this.#post = openAiClient({ apiKey, baseUrl, timeoutMs: 2 * timeoutMs });
  }

  get dimensions(): number | null {
    return this.#dimensions;
  }

  async embed(texts: readonly string[], signal: AbortSignal): Promise<readonly Float32Array[]> {
    const vectors: Float32Array[] = [];
    for (const batch of this.#batches(texts)) {
      if (signal.aborted) throw abortedFailure(this.#who);
      vectors.push(...(await this.#ask(batch, signal)));
    }
    this.#dimensions = this.#checked(vectors);
    return vectors;
  }

  *#batches(texts: readonly string[]): Generator<readonly string[]> {
    const { batchSize = 64, batchCharacters = 100_000 } = this.#options;
    let batch: string[] = [];
    let characters = 0;
    for (const text of texts) {
      if (batch.length > 0 && (batch.length >= batchSize || characters + text.length > batchCharacters)) {
        yield batch;
        [batch, characters] = [[], 0];
      }
      batch.push(text);
      characters += text.length;
    }
    if (batch.length > 0) yield batch;
  }

  async #ask(batch: readonly string[], signal: AbortSignal): Promise<readonly Float32Array[]> {
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    try {
      const body = { model: this.#options.model, input: batch, encoding_format: "base64" };
      const response = await this.#post("/embeddings", body, AbortSignal.any([signal, timeout]));
      return vectorsIn(parseJson(await response.text()), batch.length);
    } catch (error) {
      if (error instanceof ModelError) throw error;
      if (signal.aborted) throw abortedFailure(this.#who);
      throw failureOfException(this.#who, timeout.aborted ? new SilentError(this.#timeoutMs) : error);
    }
  }

  /** The one length of all vectors, now and before: those of another cannot be compared with them. */
  #checked(vectors: readonly Float32Array[]): number | null {
    const dimensions = this.#dimensions ?? vectors[0]?.length ?? null;
    if (vectors.every(({ length }) => length === dimensions)) return dimensions;
    throw notUnderstood(`${this.id} gave vectors of different lengths.`);
  }
}

/** One vector per text, put in order by the index that servers send with them. */
function vectorsIn(body: unknown, count: number): readonly Float32Array[] {
  const vectors: (Float32Array | undefined)[] = Array.from({ length: count });
  for (const [position, entry] of asList(asObject(body)["data"]).entries()) {
    const { index, embedding } = asObject(entry);
    vectors[asCount(index) ?? position] = vectorOf(embedding);
  }
  const whole = vectors.filter((vector): vector is Float32Array => vector !== undefined && vector.length > 0);
  if (vectors.length !== count || whole.length !== count) {
    throw notUnderstood("The server answered, but not with one vector for each text.");
  }
  return whole.map(unit);
}

/** Numbers as they are, or 32-bit floats in base64; some servers send a list whatever they were asked for. */
function vectorOf(embedding: unknown): Float32Array | undefined {
  if (typeof embedding === "string") {
    const bytes = Buffer.from(embedding, "base64");
    if (bytes.length % 4 !== 0) return undefined;
    return Float32Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
  }
  const numbers = asList(embedding);
  return numbers.every((value) => typeof value === "number") ? Float32Array.from(numbers) : undefined;
}

/** Of length one, so that a product is a cosine; a vector of zeros stays one. */
function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}

function notUnderstood(problem: string): ModelError {
  return new ModelError("invalid_request", `${problem} Check the base URL and the name of the model.`);
}
