import { type Agent, request } from "node:http";
import { OrquestraError } from "@orquestra/core";

export interface SseRequest {
  readonly url: string;
  readonly body: object;
  readonly agent: Agent;
}

/**
 * The least that reads a stream of server-sent events: node:http, one decoder, one split. Calls back with the data of each event,
 * whole lines only; knows nothing of comments, ids or data over several lines.
 */
export async function postSse(call: SseRequest, onData: (data: string) => void): Promise<void> {
  const stale = (await attempt(call, onData)) === "stale";
  if (stale && (await attempt(call, onData)) === "stale")
    throw new OrquestraError("connection_lost", `${call.url} hung up twice.`);
}

/** `stale`: the connection was an old one, and the server had just closed it. */
function attempt({ url, body, agent }: SseRequest, onData: (data: string) => void): Promise<"read" | "stale"> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: "POST", agent, headers: { "content-type": "application/json" } });
    let answered = false;
    sent.on("error", (error) => (sent.reusedSocket && !answered ? resolve("stale") : reject(error)));
    sent.on("response", (response) => {
      answered = true;
      if (response.statusCode !== 200) {
        response.resume();
        return reject(new OrquestraError("model_refused", `${url} answered HTTP ${response.statusCode ?? 0}.`));
      }
      response.setEncoding("utf8");
      response.on("data", sseReader(onData));
      response.on("error", reject);
      response.on("end", () => resolve("read"));
    });
    sent.end(JSON.stringify(body));
  });
}

/** Takes the text of a stream as it comes and gives the data of its events. */
export function sseReader(onData: (data: string) => void): (chunk: string) => void {
  let rest = "";
  return (chunk) => {
    const text = rest + chunk;
    let start = 0;
    for (let end = text.indexOf("\n", start); end >= 0; end = text.indexOf("\n", start)) {
      if (text.startsWith("data: ", start)) onData(text.slice(start + 6, end));
      start = end + 1;
    }
    rest = text.slice(start);
  };
}
