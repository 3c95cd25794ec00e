import { jsonSchema } from "@orquestra/protocol";
import { z } from "zod";

/** How a node calls what it says of a session, and where the text of its open parts is kept. */
export const busChannel = (sessionId: string): string => `session:${sessionId}`;
export const tailKey = (sessionId: string): string => `tail:${sessionId}`;

const pieceSchema = z.object({ partId: z.string(), opened: z.number().int(), offset: z.number().int(), text: z.string() });

const toldSchema = z.object({
  /** Who says it. */
  node: z.string(),
  /** Text that came on. `kept`: the cache holds all of the part up to its end. */
  texts: z.array(pieceSchema.extend({ kept: z.boolean() })),
  progress: z.array(z.object({ runId: z.string(), todoId: z.string(), data: jsonSchema })),
  /** The log goes at least so far: everything before it in this message comes before that event. 0: nothing is known. */
  seq: z.number().int(),
});

/** What a node says of a session to those where somebody listens. Never an event: these are read from the log. */
export type Told = z.infer<typeof toldSchema>;
export type ToldText = Told["texts"][number];

export function writeTold(told: Told): string {
  const { node, ...rest } = told;
  return JSON.stringify({ node, ...rest });
}

/** Null for what the node has said itself, and for what a node of another version says. */
export function readTold(message: string, ownNode: string): Told | null {
  return message.startsWith(`{"node":${JSON.stringify(ownNode)},`) ? null : readAs(toldSchema, message);
}

export type TailPiece = z.infer<typeof pieceSchema>;

/** One line each, so that pieces are put one behind the other without reading what is there. */
export function writeTailPiece(piece: TailPiece): string {
  return `${JSON.stringify(piece)}\n`;
}

export function readTail(text: string): readonly TailPiece[] {
  return text.split("\n").flatMap((line) => readAs(pieceSchema, line) ?? []);
}

/** The text of each part, as far as it goes without a hole. */
export function joinTail(pieces: readonly TailPiece[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const { partId, offset, text } of pieces) {
    const before = texts.get(partId) ?? "";
    if (offset <= before.length) texts.set(partId, before + text.slice(before.length - offset));
  }
  return texts;
}

function readAs<T>(schema: z.ZodType<T>, text: string): T | null {
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
