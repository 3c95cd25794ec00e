import { Agent, createServer } from "node:http";
import { once } from "node:events";
import { startWireServer } from "@orquestra/core/testing";
import { afterEach, expect, it } from "vitest";
import { postSse, sseReader } from "./post-sse.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

it("gives the data of each event once, however the stream is cut", () => {
  const stream = 'event: x\ndata: {"a":1}\n\ndata: {"b":2}\n\ndata: [DONE]\n\n';
  for (let size = 1; size <= stream.length; size += 1) {
    const seen: string[] = [];
    const read = sseReader((data) => seen.push(data));
    for (let start = 0; start < stream.length; start += size) read(stream.slice(start, start + size));
    expect(seen).toEqual(['{"a":1}', '{"b":2}', "[DONE]"]);
  }
});

it("reads an answer of the model server to its end, and rejects when it is refused", async () => {
  const server = await startWireServer({ replies: [{ text: "12345678" }] });
  const agent = new Agent({ keepAlive: true });
  closing.push(
    () => server.close(),
    () => agent.destroy(),
  );
  const url = `${server.url}/chat/completions`;
  const seen: string[] = [];
  await postSse({ url, agent, body: { model: "m", stream: true } }, (data) => seen.push(data));
  expect(seen.at(-1)).toBe("[DONE]");
  expect(seen.join("")).toContain('"content":"1234"');
  await expect(postSse({ url, agent, body: { model: "m", stream: true } }, () => undefined)).rejects.toThrow(/HTTP 400/);
});

it("asks again when a kept connection was closed in the meantime", async () => {
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    if (asked === 2) request.socket.destroy();
    else request.resume().once("end", () => response.end("data: x\n\n"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const agent = new Agent({ keepAlive: true });
  closing.push(
    () => agent.destroy(),
    () => server.close(),
  );
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  const seen: string[] = [];
  await postSse({ url, agent, body: {} }, (data) => seen.push(data));
  await postSse({ url, agent, body: {} }, (data) => seen.push(data));
  expect(seen).toEqual(["x", "x"]);
  expect(asked).toBe(3);
});
