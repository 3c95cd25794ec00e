import { Redactor, keyShapes } from "@orquestra/core";
import { type DestinationStream, type Logger, pino } from "pino";

export type Log = Logger;

/** Keys that must never be read in a log, wherever they turn up. */
const secrets = ["authorization", "cookie", "token", "key", "apiKey", "password", "secret"];

/** A log is no place for keys of anybody, and nobody edits a file by what it says: what only looks like one goes, too. */
const keyLike = new Redactor({ shapes: keyShapes });

/** Writes to stderr, one JSON object a line: stdout belongs to what the person asked for. */
export function createLog(
  level: string,
  redactor: Redactor,
  destination: DestinationStream = pino.destination({ fd: 2, sync: true }),
): Log {
  const redact = secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  // The finished line: messages, causes and stacks are in it, whatever they were called.
  const clean: DestinationStream = { write: (line) => destination.write(keyLike.text(redactor.text(line))) };
  return pino({ level, redact: [...redact, '*["set-cookie"]', '*.*["set-cookie"]'], errorKey: "error" }, clean);
}
