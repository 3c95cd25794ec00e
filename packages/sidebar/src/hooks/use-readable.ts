import type { Readable } from "@orquestra/client";
import { useCallback, useRef, useSyncExternalStore } from "react";

/** The value of a readable; the component renders again when it changes. */
export function useReadable<T>(readable: Readable<T>): T {
  const subscribe = useCallback((listener: () => void) => readable.subscribe(listener), [readable]);
  const get = useCallback(() => readable.get(), [readable]);
  return useSyncExternalStore(subscribe, get, get);
}

interface Selection<T, S> {
  readonly value: T;
  readonly select: (value: T) => S;
  readonly result: S;
}

/** A part of a readable: `select` must be stable (defined outside, or memoised); equal results do not render again. */
export function useSelected<T, S>(readable: Readable<T>, select: (value: T) => S, same: (a: S, b: S) => boolean = Object.is): S {
  const kept = useRef<Selection<T, S> | null>(null);
  const subscribe = useCallback((listener: () => void) => readable.subscribe(listener), [readable]);
  const get = (): S => {
    const value = readable.get();
    const last = kept.current;
    if (last !== null && last.value === value && last.select === select) return last.result;
    const fresh = select(value);
    const result = last !== null && same(last.result, fresh) ? last.result : fresh;
    kept.current = { value, select, result };
    return result;
  };
  return useSyncExternalStore(subscribe, get, get);
}

/** Same length, same items. */
export function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => Object.is(item, b[index]));
}
