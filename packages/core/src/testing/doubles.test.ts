import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { type ModelPart, type ModelRequest } from "../llm-provider/index.ts";
import { scriptedModel, startWireServer } from "./index.ts";

const request: ModelRequest = { system: "", messages: [{ role: "user", content: [{ type: "text", text: "Go." }] }] };
const unstopped = () => new AbortController().signal;

async function post(url: string, body: object): Promise<{ readonly status: number; readonly text: string }> {
  const headers = { "content-type": "application/json", authorization: "Bearer made-up", "x-test": "yes" };
  const response = await fetch(`${url}/chat/completions`, { method: "POST", headers, body: JSON.stringify(body) });
  return { status: response.status, text: await response.text() };
}

describe("the wire server", () => {
  it("remembers requests without their keys", async () => {
    const server = await startWireServer({ replies: [{ text: "Hello." }] });
    await post(server.url, { model: "m", messages: [] });
    expect(server.requests).toMatchObject([{ format: "chat", path: "/v1/chat/completions", hasKey: true, body: { model: "m" } }]);
    expect(server.requests[0]?.headers).toMatchObject({ "x-test": "yes" });
    expect(JSON.stringify(server.requests)).not.toContain("made-up");
    await server.close();
  });

  it("knows whether its script was played to the end, and not beyond", async () => {
    const server = await startWireServer({ replies: [{ text: "One." }, { text: "Two." }] });
    await post(server.url, {});
    expect(() => server.assertComplete()).toThrow("1 of the scripted replies");
    await post(server.url, {});
    server.assertComplete();
    expect(await post(server.url, {})).toMatchObject({ status: 400 });
    expect(() => server.assertComplete()).toThrow("1 calls came after the last scripted reply");
    await server.close();
  });

  it("answers from a function of the request", async () => {
    const server = await startWireServer({
      replies: (seen) => ({ text: `You asked ${JSON.stringify(seen.body["question"])}.` }),
    });
    expect((await post(server.url, { question: "why" })).text).toContain("why");
    await server.close();
  });

  it("sends tokens at their pace, each once", async () => {
    const text = Array.from({ length: 60 }, (_, index) => `<${index}>`);
    const server = await startWireServer({ replies: [{ text, tokensPerSecond: 1000, firstTokenDelayMs: 10 }] });
    const answer = await post(server.url, { stream: true });
    const sent = [...answer.text.matchAll(/"content":"(<\d+>)"/g)].map((match) => match[1]);
    expect(sent).toEqual(text);
    await server.close();
  });

  it("closes with streams still running", async () => {
    const server = await startWireServer({ replies: [{ text: "on and on ", neverEnds: true }] });
    const answer = post(server.url, { stream: true }).then(
      () => "ended",
      () => "broken",
    );
    await expect.poll(() => server.requests.length).toBe(1);
    await server.close();
    expect(await answer).toBe("broken");
    expect(await server.requests[0]?.outcome).toBe("closed");
  });
});

describe("the scripted model", () => {
  it("gives each chunk as a batch, and waits at its gates", async () => {
    const gate = new EventTarget();
    const model = scriptedModel([{ text: ["One", once(gate, "open"), "two"] }]);
    const stream = model.stream(request, unstopped())[Symbol.asyncIterator]();
    expect((await stream.next()).value).toEqual([{ type: "text", text: "One" }]);
    const seen: unknown[] = [];
    const next = stream.next().then((result) => seen.push(result.value));
    await Promise.resolve();
    expect(seen).toEqual([]);
    gate.dispatchEvent(new Event("open"));
    await next;
    expect(seen).toEqual([[{ type: "text", text: "two" }]]);
    expect((await stream.next()).value).toEqual([{ type: "end", reason: "stop" }]);
    expect((await stream.next()).done).toBe(true);
  });

  it("is stopped while a gate holds it", async () => {
    const controller = new AbortController();
    const model = scriptedModel([{ text: ["One", new Promise(() => undefined), "never"] }]);
    const parts: ModelPart[] = [];
    for await (const batch of model.stream(request, controller.signal)) {
      parts.push(...batch);
      controller.abort();
    }
    expect(parts).toMatchObject([
      { type: "text", text: "One" },
      { type: "error", error: { kind: "aborted" } },
    ]);
  });

  it("remembers requests and knows whether its script was played", async () => {
    const model = scriptedModel([{ text: "One." }], { id: "test/one", capabilities: { contextWindow: 9 } });
    expect(model).toMatchObject({ id: "test/one", provider: "test", capabilities: { contextWindow: 9, tools: true } });
    expect(() => model.assertComplete()).toThrow("1 of the scripted replies");
    for await (const batch of model.stream(request, unstopped())) expect(batch).toHaveLength(1);
    expect(model.requests).toEqual([request]);
    model.assertComplete();
    const surplus = model.stream(request, unstopped())[Symbol.asyncIterator]();
    await expect(surplus.next()).rejects.toThrow("no reply is scripted for call 2 of test/one");
  });
});
