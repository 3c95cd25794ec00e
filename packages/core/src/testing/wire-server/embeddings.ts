import type { Json } from "@orquestra/protocol";

/** A vector that says something of the text: how often each letter is in it. The same text has the same. */
export function scriptedVector(text: string, dimensions = 26): readonly number[] {
  const vector = Array.from({ length: dimensions }, () => 0);
  for (const character of text.toLowerCase()) {
    const letter = (character.codePointAt(0) ?? 0) % dimensions;
    vector[letter] = (vector[letter] ?? 0) + 1;
  }
  return vector;
}

/** The answer to `/v1/embeddings`, its vectors in reverse: only their index says whose they are. */
export function embeddingsAnswer(body: { readonly [key: string]: Json }): object {
  const texts = [body["input"] ?? []].flat().map(String);
  const entries = texts.map((text, index) => ({ object: "embedding", index, embedding: encoded(scriptedVector(text), body) }));
  const tokens = texts.reduce((sum, text) => sum + Math.ceil(text.length / 4), 0);
  return {
    object: "list",
    model: body["model"],
    data: entries.toReversed(),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

function encoded(vector: readonly number[], body: { readonly [key: string]: Json }): string | readonly number[] {
  if (body["encoding_format"] !== "base64") return vector;
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString("base64");
}
