import { once } from "node:events";
import { type ServerResponse, createServer } from "node:http";
import { setImmediate as nextTick } from "node:timers/promises";
import type { ConformanceReply } from "@orquestra/core/testing";

/** The made-up provider: a server that answers with what it is told to play, one reply for each request. */
export interface LineServer {
  readonly url: string;
  play(replies: readonly ConformanceReply[]): void;
  close(): Promise<void>;
}

export async function startLineServer(): Promise<LineServer> {
  let replies: ConformanceReply[] = [];
  const server = createServer((request, response) => {
    request.resume().once("end", () => {
      answer(response, replies.shift() ?? { refused: true }).catch(() => response.destroy());
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the server has no port");
  return {
    url: `http://127.0.0.1:${address.port}/answer`,
    play: (next) => {
      replies = [...next];
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

async function answer(response: ServerResponse, reply: ConformanceReply): Promise<void> {
  if (reply.refused === true) return void response.writeHead(401).end();
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  for (const line of linesOf(reply)) {
    response.write(`${JSON.stringify(line)}\n`);
    await nextTick();
  }
  if (reply.cut === true) return void response.socket?.end();
  if (reply.hang === true) return undefined;
  const end = (reply.calls ?? []).length > 0 ? "calls" : "stop";
  return void response.end(`${JSON.stringify({ end })}\n`);
}

function linesOf({ reasoning, text = [], calls = [], usage }: ConformanceReply): readonly object[] {
  return [
    ...(reasoning === undefined ? [] : [{ thought: reasoning }]),
    ...text.map((chunk) => ({ text: chunk })),
    ...calls.map(({ id, name, arguments: input }, index) => ({ call: { id: id ?? `call_${index + 1}`, name, input } })),
    ...(usage === undefined
      ? []
      : [{ tokens: { in: usage.inputTokens, out: usage.outputTokens, cached: usage.cachedInputTokens } }]),
  ];
}
