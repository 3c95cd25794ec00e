import type { CustomTypesConfig } from "pg";

/** By the object ids of PostgreSQL's own types, which never change. */
const parsers = new Map<number, (text: string) => unknown>([
  [16, (text) => text === "t"], // boolean
  [17, (text) => Buffer.from(text.slice(2), "hex")], // bytea, written \x…
  [20, Number], // bigint: counters, none of which comes near 2^53
  [21, Number], // smallint
  [23, Number], // integer
  [114, (text) => JSON.parse(text) as unknown], // json
  [701, Number], // double precision
  [1184, isoTime], // timestamptz
]);

const asText = (text: string): string => text;

/** Makes values as the records have them of those of a type; what is not listed stays text. */
export function parserOf(oid: number): (text: string) => unknown {
  return parsers.get(oid) ?? asText;
}

export const valueParsers: CustomTypesConfig = { getTypeParser: parserOf };

/** `2026-01-31 12:00:00.5+02` as an ISO string in UTC with milliseconds. Most servers run in UTC, where no date must be made of it. */
function isoTime(text: string): string {
  const time = text.replace(" ", "T");
  if (!time.endsWith("+00")) return new Date(time.replace(/[+-]\d\d$/, "$&:00")).toISOString();
  const [seconds = "", fraction = ""] = time.slice(0, -3).split(".");
  return `${seconds}.${fraction.padEnd(3, "0").slice(0, 3)}Z`;
}
