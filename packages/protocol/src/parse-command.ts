import { z } from "zod";
import { explain } from "./explain.ts";
import { isDeeper } from "./is-deeper.ts";
import { type Command, commands, isCommandType } from "./command.ts";

export const maxIdLength = 200;

export const commandEnvelope = z.strictObject({
  v: z.literal(1),
  id: z.string().min(1).max(maxIdLength),
  type: z.string(),
  sessionId: z.string().max(200).optional(),
  data: z.unknown().optional(),
});

/** What a frame turned out to be: a command, or why it is none (with the id to answer to, where it had one). */
export type ParsedCommand =
  | { readonly ok: true; readonly command: Command }
  | { readonly ok: false; readonly id: string | null; readonly message: string };

/** Deeper values are refused: nothing needs them, and what writes them out again recurses. */
const maxDepth = 64;

/** Checks a decoded frame. Never throws; unknown types and fields are refused with a message that names them. */
export function parseCommand(frame: unknown): ParsedCommand {
  const envelope = commandEnvelope.safeParse(frame);
  if (!envelope.success) return { ok: false, id: idOf(frame), message: shorten(explain(envelope.error, "a command")) };
  const { type, id, sessionId } = envelope.data;
  if (!isCommandType(type)) return { ok: false, id, message: whyNoCommand(type) };
  if (isDeeper(envelope.data.data, maxDepth))
    return { ok: false, id, message: `data: it must not nest deeper than ${maxDepth} levels.` };
  const data = commands[type].data.safeParse(envelope.data.data ?? {});
  if (!data.success) return { ok: false, id, message: shorten(explain(data.error, type)) };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the data was parsed by the schema that stands beside its type
  return { ok: true, command: { v: 1, id, type, ...(sessionId === undefined ? {} : { sessionId }), data: data.data } as Command };
}

function whyNoCommand(type: string): string {
  if (type === "authenticate") return "This connection is signed in already, so its token was not looked at.";
  return `Unknown command type ${shorten(JSON.stringify(type))}.`;
}

export function idOf(frame: unknown): string | null {
  if (typeof frame !== "object" || frame === null || !("id" in frame) || typeof frame.id !== "string") return null;
  return frame.id.length > maxIdLength ? null : frame.id;
}

/** What the other side sent is not sent back to it at full length. */
function shorten(text: string): string {
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}
