import type { EncodedReply } from "./frames.ts";
import type { Reply } from "./reply.ts";
import type { RequestForm, WireFormat } from "./wire-format.ts";

const encodings = new WeakMap<Reply, Map<string, EncodedReply>>();

/** A reply that is given again is not encoded again: a load test's server must cost less than what it tests. */
export function encodedOnce(format: WireFormat, reply: Reply, form: RequestForm): EncodedReply {
  const key = `${format.name} ${form.includeUsage} ${form.model}`;
  const known = encodings.get(reply) ?? new Map<string, EncodedReply>();
  const encoded = known.get(key) ?? format.encode(reply, form);
  encodings.set(reply, known.set(key, encoded));
  return encoded;
}
