import type { EventType, OrquestraEvent } from "./event.ts";

export type EventOf<T extends EventType> = Extract<OrquestraEvent, { readonly type: T }>;

/** What to make of a subject and an event, by the event's type. */
export type EventTable<T extends EventType, Subject, Result> = {
  readonly [K in T]: (subject: Subject, event: EventOf<K>) => Result;
};

export function isIn<T extends EventType>(table: { readonly [K in T]: unknown }, event: OrquestraEvent): event is EventOf<T> {
  return Object.hasOwn(table, event.type);
}

export function lookUp<T extends EventType, Subject, Result>(
  table: EventTable<T, Subject, Result>,
  event: EventOf<T>,
): (subject: Subject, event: EventOf<T>) => Result {
  const { type }: { readonly type: T } = event;
  return table[type];
}
