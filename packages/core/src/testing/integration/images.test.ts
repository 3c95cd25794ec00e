import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAnthropicModel } from "../../llm-provider/anthropic/index.ts";
import type { LanguageModel } from "../../llm-provider/index.ts";
import { createOpenAiModel } from "../../llm-provider/openai/index.ts";
import { type EngineHarness, startEngine } from "../engine-harness.ts";
import { scriptedModel } from "../scripted-model.ts";
import { type WireServer, startWireServer } from "../wire-server/index.ts";
import { projectFolder } from "./scene.fixture.ts";
import { told } from "./told.fixture.ts";

// Images that are attached to a message, as the model's server gets them.

const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);
const starts = {
  "photo.jpg": Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]),
  "old.gif": Buffer.from("GIF89a\x01\0\x01\0"),
  "new.webp": Buffer.from("RIFF\x24\0\0\0WEBPVP8 "),
};
const many = Array.from({ length: 9 }, (_, index) => `many-${index + 1}.png`);
const folder = projectFolder({
  "dot.png": png,
  "named-otherwise.txt": png,
  "notes.md": "# Notes\n",
  "huge.png": Buffer.concat([png, Buffer.alloc(5 * 1024 * 1024)]),
  ...starts,
  ...Object.fromEntries(many.map((path) => [path, png])),
});
afterAll(() => folder.remove());

let server: WireServer;
let harness: EngineHarness | null = null;
beforeEach(async () => {
  server = await startWireServer({ replies: () => ({ text: "I see." }) });
});
afterEach(async () => {
  await harness?.close();
  await server.close();
});

async function attached(model: LanguageModel, ...paths: readonly string[]) {
  harness = await startEngine({ model, workspaces: folder.workspaces });
  const session = await harness.session();
  await session.ended(await session.say("What is this?", { attachments: paths.map((path) => ({ type: "file", path })) }));
  return session;
}

const openAi = (api: "responses" | "chat", provider = "openai", model = "gpt-5.4"): LanguageModel =>
  createOpenAiModel({ id: `${provider}/${model}`, provider, model, apiKey: "made-up-key", baseUrl: server.url, api });
const claude = (): LanguageModel =>
  createAnthropicModel({
    id: "anthropic/claude-sonnet-5",
    model: "claude-sonnet-5",
    apiKey: "made-up-key",
    baseUrl: server.anthropicUrl,
  });

const data = png.toString("base64");
const label = (path: string): string =>
  `<file path="${path}" type="image/png" from="outside">\n(the image that follows)\n</file>`;

describe("an attached image reaches the model with the words that say what it is", () => {
  it("over Responses", async () => {
    await attached(openAi("responses"), "dot.png", "notes.md");
    const image = { type: "input_image", detail: "auto", image_url: `data:image/png;base64,${data}` };
    expect(server.requests[0]?.body["input"]).toEqual([
      {
        role: "user",
        content: [
          { type: "input_text", text: `What is this?\n\n${label("dot.png")}` },
          image,
          { type: "input_text", text: '<file path="notes.md" from="outside">\n# Notes\n\n</file>' },
        ],
      },
    ]);
  });

  it("over Chat Completions, whatever its name says", async () => {
    await attached(openAi("chat"), "named-otherwise.txt");
    const image = { type: "image_url", image_url: { url: `data:image/png;base64,${data}` } };
    const text = { type: "text", text: `What is this?\n\n${label("named-otherwise.txt")}` };
    expect(server.requests[0]?.body["messages"]).toMatchObject([{}, { role: "user", content: [text, image] }]);
  });

  it("over Messages, in every form it takes", async () => {
    await attached(claude(), "dot.png", ...Object.keys(starts));
    const body = JSON.stringify(server.requests[0]?.body);
    for (const type of ["png", "jpeg", "gif", "webp"]) expect(body).toContain(`"media_type":"image/${type}"`);
    expect(body).toContain(data);
  });
});

describe("an image that cannot be shown is told to the person and to the model", () => {
  it("where the model cannot look at images", async () => {
    const session = await attached(openAi("chat", "compatible", "small"), "dot.png");
    const why = "it is an image, and compatible/small cannot look at images.";
    expect(told(session)).toEqual([`notice: dot.png could not be attached: ${why}`]);
    expect(JSON.stringify(server.requests[0]?.body)).toContain(`(not readable: ${why})`);
    expect(JSON.stringify(server.requests[0]?.body)).not.toContain(data);
  });

  it("but a local model that is known to see gets it", async () => {
    expect(told(await attached(openAi("chat", "compatible", "llava:13b"), "dot.png"))).toEqual([]);
    expect(JSON.stringify(server.requests[0]?.body)).toContain(data);
  });

  it("where it is too large, or one of too many", async () => {
    const session = await attached(claude(), "huge.png", ...many);
    expect(told(session).map((line) => line.slice(0, 60))).toEqual([
      expect.stringContaining("huge.png could not be attached"),
      "notice: many-9.png could not be attached: a message can show 8 images at most.".slice(0, 60),
    ]);
    expect(JSON.stringify(server.requests[0]?.body).split(data)).toHaveLength(9);
  });
});

it("an image counts in the prompt, and is left out before the words of the user are", async () => {
  const model = scriptedModel([{ text: "Seen." }], { capabilities: { contextWindow: 4000, maxOutputTokens: 1000 } });
  const session = await attached(model, "dot.png", "many-1.png");
  expect(session.all("context-compacted")[0]?.data).toMatchObject({ dropped: 1 });
  const content = JSON.stringify(model.requests[0]?.messages);
  expect(content).toContain("What is this?");
  expect(content).toContain("an image, left out to save space");
  expect(content.split(data)).toHaveLength(2);
});
