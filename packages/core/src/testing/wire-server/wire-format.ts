import type { EncodedReply } from "./frames.ts";
import type { Reply, ReplyError } from "./reply.ts";

export type WireFormatName = "chat" | "responses" | "messages";

/** What of a request changes the form of its answer. */
export interface RequestForm {
  readonly model: string;
  /** Chat Completions reports usage in a stream only when asked to. */
  readonly includeUsage: boolean;
}

/** One of the three protocols, as its vendor's server speaks it. */
export interface WireFormat {
  readonly name: WireFormatName;
  readonly path: string;
  encode(reply: Reply, form: RequestForm): EncodedReply;
  /** The answer to a request that does not stream. */
  whole(reply: Reply, form: RequestForm): object;
  /** The body of a refusal. */
  refusal(status: number, error: ReplyError): object;
}

const typesByStatus: { readonly [status: number]: string } = {
  400: "invalid_request_error",
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  529: "overloaded_error",
};

/** An error with everything filled in, as the vendors name it for this status. */
export function namedError(status: number, error: ReplyError): Required<ReplyError> {
  const type = error.type ?? typesByStatus[status] ?? "api_error";
  return { type, code: error.code ?? type, message: error.message ?? `scripted ${type}` };
}
