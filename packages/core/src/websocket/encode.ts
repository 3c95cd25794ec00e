import type { ServerFrame, SessionState } from "@orquestra/protocol";

/** The reply to `session-attach`, typed: a snapshot is large and is not walked to prove that it is JSON. */
export interface AttachReply {
  readonly v: 1;
  readonly type: "reply";
  readonly re: string;
  readonly ok: true;
  readonly data: { readonly seq: number; readonly watching: number; readonly snapshot?: SessionState };
}

export type OutgoingFrame = ServerFrame | AttachReply;

export type Encode = (frame: OutgoingFrame) => Buffer;

/**
 * Makes a frame's bytes. The engine hands the same object to every connection of a session in one go,
 * so remembering the last one is enough to make each frame once however many watch.
 */
export function createEncoder(): Encode {
  let lastFrame: OutgoingFrame | null = null;
  let lastBytes = Buffer.alloc(0);
  return (frame) => {
    if (frame === lastFrame) return lastBytes;
    lastFrame = frame;
    lastBytes = Buffer.from(JSON.stringify(frame));
    return lastBytes;
  };
}
