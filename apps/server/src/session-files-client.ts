import { type IncomingMessage, request } from "node:http";
import { type Readable, pipeline } from "node:stream";

interface Sent {
  readonly method: "GET" | "POST";
  readonly headers: { readonly [name: string]: string };
  readonly body?: Readable;
}

/** One request that may take as long as its body does. Follows no redirect: that would carry the token to wherever it points. */
export function exchange(url: URL, { method, headers, body }: Sent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent: false }, resolve);
    outgoing.once("error", reject);
    if (body === undefined) outgoing.end();
    else pipeline(body, outgoing, (error) => (error ? reject(error) : undefined));
  });
}

export async function textOf(incoming: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of incoming.setEncoding("utf8")) text += String(chunk);
  return text;
}
