import { type ServerFrame, type UnknownEvent, parseServerFrame } from "@orquestra/protocol";

/** A frame that does not keep to the protocol, with what could still be read of whom it concerns. */
export interface MalformedFrame {
  readonly type: "malformed";
  readonly sessionId: string | null;
  readonly seq: number | null;
  readonly re: string | null;
}

export type IncomingFrame = ServerFrame | UnknownEvent | MalformedFrame;

/** Frames that concern one session. */
export type SessionFrame = Exclude<IncomingFrame, { readonly type: "hello" | "reply" }>;

/** Reads a frame; `null` for one to ignore. Never throws: a server of another version must not take the client down. */
export function readFrame(text: string): IncomingFrame | null {
  try {
    return parseServerFrame(text);
  } catch {
    return salvage(text);
  }
}

function salvage(text: string): MalformedFrame {
  const frame = parseJson(text);
  const field = (name: string): unknown => (typeof frame === "object" && frame !== null ? Reflect.get(frame, name) : undefined);
  const [sessionId, seq, re] = [field("sessionId"), field("seq"), field("re")];
  return {
    type: "malformed",
    sessionId: typeof sessionId === "string" ? sessionId : null,
    seq: typeof seq === "number" && Number.isSafeInteger(seq) ? seq : null,
    re: typeof re === "string" ? re : null,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
