import type { LiveFrame, User } from "@orquestra/core";
import type { ScriptedReply } from "@orquestra/core/testing";
import type { OrquestraEvent } from "@orquestra/protocol";
import type { Ids } from "./command-lines.ts";
import type { SurfaceServer } from "./surface-harness.ts";

/** In every text of the session, so that none of it gets anywhere unseen. */
export const marker = "zanzibar";

/** What the model says to fill one session: something looked at, an answer, something that asks. */
const oneSession: readonly ScriptedReply[] = [
  { text: `\`\`\`plan\n1. look("${marker}")\n\`\`\`` },
  { text: `It is ${marker}.` },
  { text: `\`\`\`plan\n1. order("${marker}")\n\`\`\`` },
];
export const threeSessions: readonly ScriptedReply[] = [...oneSession, ...oneSession, ...oneSession];

/** Fills somebody's session: a run that has ended, one that waits for an approval, a message that waits behind it. */
export async function fill({ orquestra }: SurfaceServer, user: User, sessionId: string): Promise<Ids> {
  const events: OrquestraEvent[] = [];
  const waiting = new Set<() => void>();
  const deliver = (frame: LiveFrame): void => {
    if ("seq" in frame) events.push(frame);
    for (const look of waiting) look();
  };
  const attachment = await orquestra.engine.attach({ sessionId, user, from: 0, deliver });
  attachment.start();
  const until = (type: OrquestraEvent["type"], runId: string): Promise<OrquestraEvent> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = events.find((event) => event.type === type && event.runId === runId);
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  const send = () => orquestra.command("message-send", { text: `Where is ${marker}?` }, { user, sessionId });
  const first = await send();
  await until("run-completed", first.runId);
  const second = await send();
  const asked = await until("approval-requested", second.runId);
  const queued = await send();
  attachment.detach();
  if (asked.type !== "approval-requested") throw new Error("nothing was asked");
  return {
    runId: second.runId,
    todoId: asked.data.todos[0]?.todoId ?? "",
    approvalId: asked.data.approvalId,
    messageId: second.messageId,
    queuedId: queued.messageId,
    outputRef: `${first.runId}/t1`,
    memoryId: "nobody-has-one",
  };
}

/** Everything there is of somebody, as they see it. */
export async function lookAt({ orquestra, http }: SurfaceServer, user: User, sessionId: string): Promise<unknown> {
  const events: LiveFrame[] = [];
  const attachment = await orquestra.engine.attach({ sessionId, user, from: 0, deliver: (frame) => events.push(frame) });
  attachment.start();
  attachment.detach();
  const { store } = http;
  return {
    events,
    user: await store.users.get(user.id),
    session: await store.sessions.get(sessionId),
    runs: await store.runs.active(sessionId),
    messages: await store.messages.list(sessionId, { limit: 100 }),
    preferences: await store.preferences.list(user.id),
  };
}
