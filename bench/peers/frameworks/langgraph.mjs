import { randomUUID } from "node:crypto";

// Its callbacks in the background lose whole streams from eight runs at once on; in the foreground they do not.
process.env.LANGCHAIN_CALLBACKS_BACKGROUND = "false";
const { BaseChatModel } = await import("@langchain/core/language_models/chat_models");
const { AIMessageChunk } = await import("@langchain/core/messages");
const { ChatGenerationChunk } = await import("@langchain/core/outputs");
const { tool } = await import("@langchain/core/tools");
const { MemorySaver, MessagesAnnotation, START, StateGraph } = await import("@langchain/langgraph");
const { ToolNode, toolsCondition } = await import("@langchain/langgraph/prebuilt");
const { ChatOpenAI } = await import("@langchain/openai");
const { z } = await import("zod");
const { answerTokens, calls, lookUp, question, timedTools } = await import("../workload.mjs");

export async function overHttp(url, work) {
  const schema = { type: "object", properties: {}, additionalProperties: true };
  const tools = timedTools.map((name) => tool((_input, config) => work(config.toolCall.id), { name, description: name, schema }));
  const configuration = { baseURL: url };
  const model = new ChatOpenAI({
    model: "scripted",
    apiKey: "sk-made-up-for-the-bench",
    configuration,
    streaming: true,
    maxRetries: 0,
  });
  const graph = graphOf(model.bindTools(tools), tools);
  return (message) => read(graph, message);
}

export async function instant() {
  let called = new Map();
  const facts = tool(
    async (input, { configurable }) => {
      called.set(configurable.thread_id, (called.get(configurable.thread_id) ?? 0) + 1);
      return JSON.stringify(await lookUp(input));
    },
    { name: "city_facts", description: "Facts about a city.", schema: z.object({ city: z.string() }) },
  );
  const graph = graphOf(new InstantModel({}), [facts]);
  return async () => {
    const thread = String(threads);
    const text = await read(graph, question);
    return { tools: called.get(thread) ?? 0, text };
  };
}

function graphOf(model, tools) {
  return new StateGraph(MessagesAnnotation)
    .addNode("agent", async ({ messages }, config) => {
      const message = await model.invoke(messages, config);
      // The bench's model server gives all its answers one id, and messages of one id replace each other here.
      if (message.id === "chatcmpl-scripted") message.id = randomUUID();
      return { messages: [message] };
    })
    .addNode("tools", new ToolNode(tools))
    .addEdge(START, "agent")
    .addConditionalEdges("agent", toolsCondition)
    .addEdge("tools", "agent")
    .compile({ checkpointer: new MemorySaver() });
}

let threads = 0;

async function read(graph, message) {
  const configurable = { thread_id: String(threads++) };
  const input = { messages: [{ role: "user", content: message }] };
  let text = "";
  for await (const [chunk, { langgraph_node: node }] of await graph.stream(input, {
    configurable,
    streamMode: "messages",
    recursionLimit: 200,
  })) {
    if (node === "agent" && typeof chunk.content === "string") text += chunk.content;
  }
  return text;
}

class InstantModel extends BaseChatModel {
  _llmType() {
    return "instant";
  }
  bindTools() {
    return this;
  }
  async _generate(messages, options, manager) {
    let whole;
    for await (const chunk of this._streamResponseChunks(messages, options, manager)) whole = whole?.concat(chunk) ?? chunk;
    return { generations: [whole] };
  }
  async *_streamResponseChunks(messages, _options, manager) {
    if (!messages.some((message) => message.getType() === "tool")) {
      const tool_call_chunks = calls.map(({ id, name, args }, index) => ({
        id,
        name,
        index,
        args: JSON.stringify(args),
        type: "tool_call_chunk",
      }));
      yield new ChatGenerationChunk({ text: "", message: new AIMessageChunk({ content: "", tool_call_chunks }) });
      return;
    }
    for (const token of answerTokens) {
      const chunk = new ChatGenerationChunk({ text: token, message: new AIMessageChunk({ content: token, id: "answer" }) });
      yield chunk;
      await manager?.handleLLMNewToken(token, undefined, undefined, undefined, undefined, { chunk });
    }
  }
}
