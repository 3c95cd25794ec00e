// Clients that attach and say nothing, in a process of their own.
import { z } from "zod";
import { answerParent, settingsOf, tellParent } from "../lib/child.ts";
import { FrameSocket } from "../lib/frame-socket.ts";
import { inLanes } from "../lib/in-lanes.ts";

const { url } = settingsOf(z.object({ url: z.string() }));
const sockets: FrameSocket[] = [];

const question = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("open"), sessions: z.number() }),
  z.strictObject({ type: z.literal("open-now") }),
]);

answerParent(question, async (asked) => {
  if (asked.type === "open") await inLanes(Array.from({ length: asked.sessions }), 64, open);
  return { open: sockets.filter(({ isOpen }) => isOpen).length };
});
tellParent({});

/** A session of its own on a socket of its own. */
async function open(): Promise<void> {
  const socket = new FrameSocket(url, { delta: () => undefined, event: () => undefined });
  await socket.open();
  const { sessionId } = await socket.command({ type: "session-create", data: {} });
  await socket.command({ type: "session-attach", sessionId, data: { from: 0 } });
  sockets.push(socket);
}
