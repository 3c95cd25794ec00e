import type { Json } from "@orquestra/protocol";
import { describe, expect, it } from "vitest";
import { type Reply, type WireServer, embedderConformance, startWireServer } from "../testing/index.ts";
import { createOpenAiEmbedder } from "./openai/index.ts";

const never = new AbortController().signal;

function embedderAt(server: Pick<WireServer, "url">, options: { readonly batchSize?: number; readonly timeoutMs?: number } = {}) {
  const named = { id: "compatible/tiny", provider: "compatible", model: "tiny", apiKey: "made-up-key" };
  return createOpenAiEmbedder({ ...named, baseUrl: server.url, ...options });
}

describe("an embedder", () => {
  const open = (reply?: Reply) => async () => {
    const server = await startWireServer({ embeddings: () => reply });
    return { embedder: embedderAt(server), close: () => server.close() };
  };
  for (const { title, run } of embedderConformance("over a compatible server", open())) it(title, run);

  it("asks in batches, and understands lists of numbers without an index", async () => {
    const asked: Json[] = [];
    const server = await startWireServer({
      embeddings: ({ input }) => {
        asked.push(input ?? null);
        const data = [input ?? []].flat().map((text) => ({ embedding: [JSON.stringify(text).length, 0, 0] }));
        return { raw: { contentType: "application/json", body: JSON.stringify({ data }) } };
      },
    });
    const embedder = embedderAt(server, { batchSize: 2 });
    const vectors = await embedder.embed(["a", "bb", "ccc"], never);
    expect(asked).toEqual([["a", "bb"], ["ccc"]]);
    expect(vectors.map((vector) => [...vector])).toEqual([
      [1, 0, 0],
      [1, 0, 0],
      [1, 0, 0],
    ]);
    expect(embedder.dimensions).toBe(3);
    await server.close();
  });

  const vector = (...lengths: readonly number[]): Reply => ({
    raw: {
      contentType: "application/json",
      body: JSON.stringify({ data: lengths.map((length, index) => ({ index, embedding: Array.from({ length }, () => 1) })) }),
    },
  });

  it.each<[string, Reply, string, RegExp]>([
    ["a refused key", { status: 401 }, "auth", /The key for compatible was refused \(401\)/],
    ["a model that is not there", { status: 404 }, "invalid_request", /does not know the model tiny/],
    ["a provider that is asked too often", { status: 429 }, "rate_limit", /limits how often/],
    ["a connection that breaks", { cutBeforeHeaders: true }, "network", /Cannot reach compatible/],
    ["too few vectors", vector(3), "invalid_request", /one vector for each text/],
    ["vectors of different lengths", vector(3, 4), "invalid_request", /different lengths/],
    [
      "something else",
      { raw: { contentType: "application/json", body: '{"data":[{"embedding":"?"}]}' } },
      "invalid_request",
      /vector/,
    ],
    ["no JSON", { raw: { contentType: "application/json", body: "<html>" } }, "invalid_request", /vector/],
  ])("tells %s as a model's failure", async (_what, reply, kind, message) => {
    const server = await startWireServer({ embeddings: () => reply });
    const failing = embedderAt(server).embed(["one", "two"], never);
    await expect(failing).rejects.toMatchObject({ kind });
    await expect(failing).rejects.toThrow(message);
    await expect(failing).rejects.not.toThrow(/made-up-key/);
    await server.close();
  });

  it("gives up on a server that does not answer, and stops when it is told to", async () => {
    const server = await startWireServer({ embeddings: () => new Promise<undefined>(() => undefined) });
    await expect(embedderAt(server, { timeoutMs: 50 }).embed(["one"], never)).rejects.toMatchObject({ kind: "network" });
    const stop = new AbortController();
    const stopped = embedderAt(server).embed(["one"], stop.signal);
    stop.abort();
    await expect(stopped).rejects.toMatchObject({ kind: "aborted" });
    await server.close();
  });
});
