import { type DecodedPart, type PendingCall, argumentsText, callPart } from "../wire/codec.ts";
import { type WireObject, asCount, asObject, asText, parseJson } from "../wire/json.ts";

/** The native calls of one answer, in the order in which they began. */
export interface CallList {
  readonly open: OpenCall[];
  /** How many began, finished ones included. */
  count: number;
}

interface OpenCall extends PendingCall {
  readonly index: number | undefined;
}

export function newCallList(): CallList {
  return { open: [], count: 0 };
}

/** Adds a piece of a call. Where a new one begins, the finished ones before it are told at once. */
export function addCallDelta(calls: CallList, delta: WireObject, parts: DecodedPart[]): void {
  const described = asObject(delta["function"]);
  const index = asCount(delta["index"]);
  const id = asText(delta["id"]);
  const name = asText(described["name"]);
  let call = continued(calls, { index, id, name });
  if (call === undefined) {
    takeFinishedCalls(calls, parts);
    calls.count += 1;
    call = { index, id: id === "" ? `call_${calls.count}` : id, name, argumentsText: "" };
    calls.open.push(call);
  }
  call.argumentsText += argumentsText(described["arguments"]);
}

/** All that is left, finished or not: what the model wrote is what is passed on. */
export function takeAllCalls(calls: CallList): DecodedPart[] {
  return calls.open.splice(0).map(callPart);
}

/**
 * The call a piece belongs to. Official servers number calls and name them in the first piece only. Others leave the index out
 * or number every call 0; then a name with another id, or without one, begins a new call.
 */
function continued(calls: CallList, piece: { index: number | undefined; id: string; name: string }): OpenCall | undefined {
  const call = piece.index === undefined ? calls.open.at(-1) : calls.open.findLast((open) => open.index === piece.index);
  if (call === undefined || piece.name === "") return call;
  const same = piece.id === "" ? piece.index !== undefined : piece.id === call.id;
  return same ? call : undefined;
}

/** A call is finished when its arguments are whole JSON; servers may interleave, so a new index alone proves nothing. */
function takeFinishedCalls(calls: CallList, parts: DecodedPart[]): void {
  const unfinished = calls.open.findIndex((call) => parseJson(call.argumentsText) === undefined);
  const finished = calls.open.splice(0, unfinished === -1 ? calls.open.length : unfinished);
  for (const call of finished) parts.push(callPart(call));
}
