import type { z } from "zod";
import { type CommandType, type ReplyData, commands } from "./command.ts";

/** Checks the data of a reply to a command of that type; unknown fields are dropped. Throws a ZodError. */
export function parseReply<T extends CommandType>(type: T, data: unknown): ReplyData<T> {
  const schema: z.ZodType = commands[type].reply;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parsed by the schema that stands beside the type
  return schema.parse(data) as ReplyData<T>;
}
