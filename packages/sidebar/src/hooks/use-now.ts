import { useSyncExternalStore } from "react";

const tickMs = 250;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | null = null;
let now = Date.now();

/** The time, four times a second while `ticking`; one timer for the whole page. */
export function useNow(ticking: boolean): number {
  return useSyncExternalStore(ticking ? subscribe : never, read, read);
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) now = Date.now();
  listeners.add(listener);
  timer ??= setInterval(tick, tickMs);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}

function never(): () => void {
  return () => undefined;
}

function read(): number {
  return now;
}
