import type { Agent } from "node:http";
import { z } from "zod";
import { postSse } from "../lib/post-sse.ts";

/** A native call as it came. */
export interface Call {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

export interface ChatServer {
  /** Ends before `/chat/completions`. */
  readonly url: string;
  readonly model: string;
  readonly agent: Agent;
}

export type Messages = readonly object[];

const chunkSchema = z.object({
  choices: z.array(
    z.object({
      delta: z.object({
        content: z.string().nullish(),
        tool_calls: z
          .array(
            z.object({
              index: z.number(),
              id: z.string().optional(),
              function: z.object({ name: z.string().optional(), arguments: z.string().optional() }),
            }),
          )
          .optional(),
      }),
    }),
  ),
});

/** One turn of Chat Completions, streamed. */
export async function chat(server: ChatServer, messages: Messages, onText: (text: string) => void = () => undefined) {
  const calls: Call[] = [];
  let text = "";
  const body = { model: server.model, stream: true, messages };
  await postSse({ url: `${server.url}/chat/completions`, body, agent: server.agent }, (data) => {
    if (data === "[DONE]") return;
    for (const { delta } of chunkSchema.parse(JSON.parse(data)).choices) {
      if (typeof delta.content === "string") {
        text += delta.content;
        onText(delta.content);
      }
      for (const piece of delta.tool_calls ?? []) {
        const known = calls[piece.index] ?? { id: "", name: "", arguments: "" };
        calls[piece.index] = {
          id: piece.id ?? known.id,
          name: piece.function.name ?? known.name,
          arguments: known.arguments + (piece.function.arguments ?? ""),
        };
      }
    }
  });
  return { text, calls };
}

/** What the model is shown of its own turn. */
export function assistantMessage(text: string, calls: readonly Call[]): object {
  const toolCalls = calls.map(({ id, ...called }) => ({ id, type: "function", function: called }));
  return { role: "assistant", content: text, ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }) };
}
