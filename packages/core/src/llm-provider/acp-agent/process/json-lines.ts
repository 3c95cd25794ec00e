import { StringDecoder } from "node:string_decoder";
import { type WireObject, isObject, parseJson } from "../../wire/json.ts";

/** What comes is not what an agent says: too much of it is no JSON, or a line never ends. */
export class GarbageError extends Error {
  override readonly name = "GarbageError";
}

// Some programs greet, or report an update, on the wrong stream; more than a greeting is another program.
const mostStrayLines = 8;
const longestLine = 16 * 1024 * 1024;

/** The JSON objects of a stream with one on each line, one batch per read. Throws a GarbageError. */
export async function* jsonLines(source: AsyncIterable<Buffer>): AsyncGenerator<readonly WireObject[], void, undefined> {
  const decoder = new StringDecoder("utf8");
  let open: string[] = [];
  let openLength = 0;
  let stray = 0;
  for await (const chunk of source) {
    const [first = "", ...rest] = decoder.write(chunk).split("\n");
    open.push(first);
    openLength += first.length;
    if (openLength > longestLine) throw new GarbageError("a line without an end");
    if (rest.length === 0) continue;
    const lines = [open.join(""), ...rest.slice(0, -1)].filter((line) => line.trim() !== "");
    open = [rest.at(-1) ?? ""];
    openLength = open[0]?.length ?? 0;
    const objects = lines.map(parseJson).filter(isObject);
    stray += lines.length - objects.length;
    if (stray > mostStrayLines) throw new GarbageError("lines that are no JSON");
    if (objects.length > 0) yield objects;
  }
  const last = parseJson(open.join("") + decoder.end());
  if (isObject(last)) yield [last];
}
