import { nodeConnect } from "@orquestra/client/node";
import {
  type CommandData,
  type CommandType,
  type OrquestraEvent,
  type ReplyData,
  type ServerFrame,
  type SessionState,
  isEventType,
  parseReply,
  parseServerFrame,
} from "@orquestra/protocol";
import { setTimeout as sleep } from "node:timers/promises";
import type { UserName } from "../child/settings.ts";
import { until } from "../lib/until.ts";

/** Where a server is, and as whom it is spoken to. */
export interface Door {
  readonly port: number;
  readonly user: UserName;
}

export const urlOf = (port: number): string => `ws://127.0.0.1:${port}/ws`;

interface Line {
  readonly frames: readonly ServerFrame[];
  ask<T extends CommandType>(type: T, data: CommandData<T>, sessionId?: string): Promise<ReplyData<T>>;
  close(): void;
}

const patience = 15_000;

/** A bare connection that keeps every frame: what is read on it is what the server says, untouched by any client. */
async function openLine({ port, user }: Door): Promise<Line> {
  const frames: ServerFrame[] = [];
  let closed: string | null = null;
  const transport = nodeConnect(urlOf(port), { token: user })({
    open: () => undefined,
    frame: (text) => {
      const frame = parseServerFrame(text);
      if (frame !== null && frame.type !== "unknown") frames.push(frame);
    },
    closed: (code, reason) => (closed = `closed with ${code} ${reason}`),
  });
  const next = <T>(look: () => T | undefined, what: string): Promise<T> =>
    until(
      () => {
        const found = look();
        if (found === undefined && closed !== null) throw new Error(closed);
        return found;
      },
      { within: patience, what: () => `no ${what} came`, every: 2 },
    );
  await next(() => frames.find(({ type }) => type === "hello"), "hello");
  let asked = 0;
  return {
    frames,
    ask: async (type, data, sessionId) => {
      const id = `line-${++asked}`;
      transport.send(JSON.stringify({ v: 1, id, type, data, ...(sessionId === undefined ? {} : { sessionId }) }));
      const reply = await next(() => frames.find((frame) => frame.type === "reply" && frame.re === id), type);
      if (reply.type !== "reply" || !reply.ok) throw new Error(`${type} was refused: ${JSON.stringify(reply)}`);
      return parseReply(type, reply.data);
    },
    close: () => transport.close(),
  };
}

/** Whether a server there carries out a command. */
export async function serves(door: Door): Promise<boolean> {
  try {
    const line = await openLine(door);
    try {
      await line.ask("session-list", { limit: 1 });
    } finally {
      line.close();
    }
    return true;
  } catch {
    return false;
  }
}

export interface SessionLog {
  readonly events: readonly OrquestraEvent[];
  readonly snapshot: SessionState;
  /** The thread as the database lists it. */
  readonly messageIds: readonly string[];
}

/** The whole log of a session, a fresh snapshot of it, and its thread. Nothing may happen in it meanwhile. */
export async function readSession(door: Door, sessionId: string): Promise<SessionLog> {
  const line = await openLine(door);
  try {
    const { seq } = await line.ask("session-attach", { from: 0 }, sessionId);
    const events = (): OrquestraEvent[] => line.frames.filter(isEvent).filter((event) => event.sessionId === sessionId);
    await until(() => seq === 0 || events().some((event) => event.seq >= seq), {
      within: patience,
      what: () => `the log of ${sessionId} ends at ${events().at(-1)?.seq ?? 0} instead of ${seq}`,
    });
    await line.ask("session-detach", {}, sessionId);
    const { snapshot } = await line.ask("session-attach", {}, sessionId);
    if (snapshot === undefined) throw new Error(`there is no snapshot of ${sessionId}`);
    const { items } = await line.ask("message-list", { limit: 200 }, sessionId);
    return { events: events(), snapshot, messageIds: items.map(({ messageId }) => messageId) };
  } finally {
    line.close();
  }
}

function isEvent(frame: ServerFrame): frame is OrquestraEvent {
  return isEventType(frame.type);
}

/** A refusal of a read that a server which is just coming up, or has lost its database for a moment, may give. */
export async function readPatiently(door: Door, sessionId: string): Promise<SessionLog> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await readSession(door, sessionId);
    } catch (error) {
      if (attempt === 5) throw error;
      await sleep(500);
    }
  }
}
