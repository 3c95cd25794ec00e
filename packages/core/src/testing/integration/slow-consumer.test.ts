import { closeCodes } from "@orquestra/protocol";
import { afterEach, expect, it } from "vitest";
import type { Frame, TestClient } from "../../websocket/gateway-harness.ts";
import { deferred, startEngine } from "../engine-harness.ts";
import { scriptedModel } from "../scripted-model.ts";
import { type ServedEngine, serve } from "./served-engine.fixture.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** More than any socket's buffers take. */
const chunks = Array.from({ length: 256 }, (_, index) => `${String(index).padStart(64, ".").repeat(512)}\n`);
const text = `Once upon a time,\n${chunks.join("")}`;

async function attach(server: ServedEngine, sessionId: string, from: number): Promise<TestClient> {
  const client = await server.connect();
  client.send({ id: "attach", type: "session-attach", sessionId, data: { from } });
  await client.reply("attach");
  return client;
}

const deltasOf = (client: TestClient): readonly Frame[] => client.frames.filter(({ type }) => type === "delta");
const textOf = (client: TestClient): string =>
  deltasOf(client)
    .map((delta) => (typeof delta["text"] === "string" ? delta["text"] : ""))
    .join("");
const seqsOf = (client: TestClient): readonly number[] =>
  client.frames.flatMap(({ seq }) => (typeof seq === "number" ? [seq] : []));

it("one that stops reading gets text in larger pieces, is then closed with 4008, and resumes with nothing lost", async () => {
  const gate = deferred();
  const model = scriptedModel([{ text: ["Once upon a time,\n", gate.promise, ...chunks] }]);
  // The text alone is more than a run may use before it asks.
  const harness = await startEngine({ model, limits: { tokens: 0 } });
  closers.push(() => harness.close());
  const patient = await serve(harness.engine, { heldBytes: 2 * text.length * 3 });
  const strict = await serve(harness.engine, { heldBytes: 256 * 1024 });
  closers.push(
    () => patient.close(),
    () => strict.close(),
  );
  const session = await harness.session();
  const runId = await session.say("Tell me a story.");
  const [slow, stuck] = [await attach(patient, session.id, 0), await attach(strict, session.id, 0)];
  await Promise.all([slow, stuck].map((client) => client.frame(({ type }) => type === "delta")));

  slow.socket.pause();
  stuck.socket.pause();
  gate.resolve();
  const last = (await session.ended(runId)).seq;

  slow.socket.resume();
  await slow.frame(({ type }) => type === "run-completed");
  expect(textOf(slow)).toBe(text);
  expect(seqsOf(slow)).toEqual(Array.from({ length: last }, (_, index) => index + 1));
  expect(session.frames.filter(({ type }) => type === "delta")).toHaveLength(chunks.length + 1);
  expect(deltasOf(slow).length).toBeLessThan(chunks.length);

  stuck.socket.resume();
  expect(await stuck.closed()).toBe(closeCodes.slowConsumer);
  const seen = seqsOf(stuck).at(-1) ?? 0;
  expect(text.startsWith(textOf(stuck))).toBe(true);
  expect(seen).toBeLessThan(last);
  const back = await attach(strict, session.id, seen);
  expect(await back.frame(({ type }) => type === "part-closed")).toMatchObject({ data: { text } });
  await back.frame(({ type }) => type === "run-completed");
  expect(seqsOf(back)).toEqual(Array.from({ length: last - seen }, (_, index) => seen + 1 + index));
});
