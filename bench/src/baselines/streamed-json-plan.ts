import { z } from "zod";
import { type ChatServer, assistantMessage, chat } from "./chat-client.ts";

const todoSchema = z.object({
  id: z.number(),
  tool: z.string(),
  args: z.record(z.string(), z.unknown()),
  deps: z.array(z.number()),
});
export type JsonTodo = z.infer<typeof todoSchema>;

/** A plan in JSON lines whose todos start as soon as their line and their inputs are there; then the answer. */
export async function streamedJsonPlan(
  server: ChatServer,
  question: string,
  runTool: (todo: JsonTodo) => Promise<string>,
): Promise<string> {
  const running = new Map<number, Promise<string>>();
  const start = async (todo: JsonTodo): Promise<string> => {
    await Promise.all(todo.deps.map((id) => running.get(id) ?? Promise.reject(new Error(`todo ${id} was not written`))));
    return runTool(todo);
  };
  const messages: object[] = [{ role: "user", content: question }];
  const read = lineReader((line) => {
    if (!line.startsWith("{")) return;
    const todo = todoSchema.parse(JSON.parse(line));
    running.set(todo.id, start(todo));
  });
  const { text } = await chat(server, messages, read);
  const results = await Promise.all(running.values());
  messages.push(assistantMessage(text, []), { role: "user", content: JSON.stringify(results) });
  return (await chat(server, messages)).text;
}

function lineReader(onLine: (line: string) => void): (text: string) => void {
  let rest = "";
  return (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  };
}
