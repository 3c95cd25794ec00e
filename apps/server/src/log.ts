import { type DestinationStream, type Logger, pino } from "pino";

export type Log = Logger;

/** Keys that must never be read in a log, wherever they turn up. */
const secrets = ["authorization", "cookie", "token", "key", "apiKey", "password", "secret"];

/** Writes to stderr, one JSON object a line: stdout belongs to what the person asked for. */
export function createLog(level: string, destination: DestinationStream = pino.destination({ fd: 2, sync: true })): Log {
  const redact = secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  return pino({ level, redact: [...redact, '*["set-cookie"]', '*.*["set-cookie"]'], errorKey: "error" }, destination);
}
