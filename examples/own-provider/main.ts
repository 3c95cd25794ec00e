/** A provider of your own: an adapter of some sixty lines, the suite that says whether it is one, and a run on it. */
import assert from "node:assert/strict";
import { createOrquestra } from "@orquestra/core";
import { languageModelConformance } from "@orquestra/core/testing";
import { createLineModel } from "./line-model.ts";
import { startLineServer } from "./line-server.ts";

const key = "made-up-key";

/** Each case gets a model whose other end it holds. */
const suite = languageModelConformance("the lines provider", async () => {
  const server = await startLineServer();
  const model = createLineModel({ url: server.url, key });
  return { model, play: (replies) => server.play(replies), close: () => server.close() };
});
for (const { title, run } of suite) {
  await run();
  console.log(`ok: ${title}`);
}
assert.ok(suite.length >= 10);

const server = await startLineServer();
server.play([{ text: ["Good ", "morning."], usage: { inputTokens: 12, outputTokens: 3 } }]);
const orquestra = await createOrquestra({ models: createLineModel({ url: server.url, key }) });
const end = await (await orquestra.run({ text: "Good morning!" })).ended();
console.log(end);
assert.ok(end.status === "completed" && end.answer === "Good morning." && end.usage.outputTokens === 3);

await orquestra.close();
await server.close();
