import type { IncomingMessage, ServerResponse } from "node:http";
import type { Json } from "@orquestra/protocol";
import type { WireFormatName } from "./wire-format.ts";

/** How an exchange ended: the answer was sent whole, or the connection closed before that, by whichever side. */
export type RequestOutcome = "answered" | "closed";

/** A request as it came in. */
export interface RecordedRequest {
  readonly format: WireFormatName;
  readonly path: string;
  /** Without those that carry a key. */
  readonly headers: { readonly [name: string]: string };
  /** Whether a key was sent at all. */
  readonly hasKey: boolean;
  readonly body: { readonly [key: string]: Json };
  /** Settles when the exchange is over. */
  readonly outcome: Promise<RequestOutcome>;
}

const secretHeaders: ReadonlySet<string> = new Set(["authorization", "x-api-key"]);

export function recordRequest(
  exchange: { readonly request: IncomingMessage; readonly response: ServerResponse },
  seen: Pick<RecordedRequest, "format" | "path" | "body">,
): RecordedRequest {
  const headers = Object.entries(exchange.request.headers);
  return {
    ...seen,
    headers: Object.fromEntries(headers.flatMap(([name, value]) => (secretHeaders.has(name) ? [] : [[name, String(value)]]))),
    hasKey: headers.some(([name]) => secretHeaders.has(name)),
    outcome: outcomeOf(exchange.response),
  };
}

function outcomeOf(response: ServerResponse): Promise<RequestOutcome> {
  return new Promise((settle) => {
    response.once("close", () => settle(response.writableFinished ? "answered" : "closed"));
  });
}
