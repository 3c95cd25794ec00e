import { type Call, type ChatServer, assistantMessage, chat } from "./chat-client.ts";

/**
 * What most agents do: ask, run all calls of the turn side by side, ask again with the results, until the model only answers.
 * With a model that makes one call a turn this is ReAct.
 */
export async function loopOfCalls(
  server: ChatServer,
  question: string,
  runTool: (call: Call) => Promise<string>,
): Promise<string> {
  const messages: object[] = [{ role: "user", content: question }];
  for (;;) {
    const { text, calls } = await chat(server, messages);
    if (calls.length === 0) return text;
    messages.push(assistantMessage(text, calls));
    const results = await Promise.all(calls.map(runTool));
    messages.push(...results.map((content, index) => ({ role: "tool", tool_call_id: calls[index]?.id ?? "", content })));
  }
}
