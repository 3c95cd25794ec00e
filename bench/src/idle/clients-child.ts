// Clients that attach and say nothing, in a process of their own.
import { once } from "node:events";
import { newId } from "@orquestra/core";
import { subprotocol } from "@orquestra/protocol";
import { WebSocket } from "ws";
import { z } from "zod";
import { answerParent, settingsOf, tellParent } from "../lib/child.ts";
import { inLanes } from "../lib/in-lanes.ts";

const { url } = settingsOf(z.object({ url: z.string() }));
const sockets: WebSocket[] = [];

const question = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("open"), sessions: z.number() }),
  z.strictObject({ type: z.literal("open-now") }),
]);

answerParent(question, async (asked) => {
  if (asked.type === "open") await inLanes(Array.from({ length: asked.sessions }), 64, open);
  return { open: sockets.filter(({ readyState }) => readyState === WebSocket.OPEN).length };
});
tellParent({});

/** A session of its own on a socket of its own. */
async function open(): Promise<void> {
  const socket = new WebSocket(url, [subprotocol], { perMessageDeflate: false });
  socket.on("error", () => socket.terminate());
  await once(socket, "open");
  const created = z.object({ sessionId: z.string() }).parse(await command(socket, { type: "session-create", data: {} }));
  await command(socket, { type: "session-attach", sessionId: created.sessionId, data: { from: 0 } });
  sockets.push(socket);
}

const replySchema = z.object({ re: z.string(), ok: z.literal(true), data: z.unknown() });

/** Nothing listens any more when the reply is there: what a client needs for itself is not what is measured. */
function command(socket: WebSocket, said: object): Promise<unknown> {
  const id = newId();
  return new Promise((resolve) => {
    const receive = (data: unknown): void => {
      const reply = replySchema.safeParse(JSON.parse(String(data)));
      if (!reply.success || reply.data.re !== id) return;
      socket.off("message", receive);
      resolve(reply.data.data);
    };
    socket.on("message", receive);
    socket.send(JSON.stringify({ v: 1, id, ...said }));
  });
}
