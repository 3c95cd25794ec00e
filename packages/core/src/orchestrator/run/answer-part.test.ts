import { expect, it } from "vitest";
import type { LanguageModel, ModelPart } from "../../llm-provider/index.ts";
import { startEngine } from "../../testing/engine-harness.ts";

const text = (token: string): ModelPart => ({ type: "text", text: token });

/** Gives its tokens as the network may bring them: some at a time. Waits until told before the second piece. */
function inPieces(pieces: readonly (readonly string[])[], between: Promise<void>): LanguageModel {
  return {
    id: "test/pieces",
    provider: "test",
    capabilities: { contextWindow: 8000, maxOutputTokens: 1000, tools: false, images: false },
    async *stream() {
      for (const [index, piece] of pieces.entries()) {
        if (index > 0) await between;
        yield piece.map(text);
      }
      yield [{ type: "end", reason: "stop" }];
    },
  };
}

it("tokens that came in one piece go on as one", async () => {
  let open = (): void => undefined;
  const between = new Promise<void>((resolve) => (open = resolve));
  const harness = await startEngine({ model: inPieces([["One, "], ["two, ", "three, ", "four."]], between) });
  const session = await harness.session();
  const runId = await session.say("count");
  await session.until("part-opened");
  open();
  await session.ended(runId);
  const deltas = session.frames.flatMap((frame) => (frame.type === "delta" ? [frame.text] : []));
  expect(deltas).toEqual(["One, ", "two, three, four."]);
  await harness.close();
});
