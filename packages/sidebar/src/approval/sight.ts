import { createContext, type RefObject, use, useEffect, useSyncExternalStore } from "react";

/** Which cards can be seen now. A card that is not mounted cannot. */
export interface Sight {
  readonly set: (id: string, visible: boolean) => void;
  readonly has: (id: string) => boolean;
  readonly subscribe: (listener: () => void) => () => void;
}

export function createSight(): Sight {
  const visible = new Set<string>();
  const listeners = new Set<() => void>();
  return {
    set: (id, isVisible) => {
      if (visible.has(id) === isVisible) return;
      if (isVisible) visible.add(id);
      else visible.delete(id);
      for (const listener of listeners) listener();
    },
    has: (id) => visible.has(id),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export const SightContext = createContext<Sight>(createSight());

/** Reports whether the element can be seen, as long as it is there. */
export function useReportSight(id: string, element: RefObject<HTMLElement | null>): void {
  const sight = use(SightContext);
  useEffect(() => {
    const target = element.current;
    if (target === null) return;
    const observer = new IntersectionObserver((entries) => {
      const last = entries.at(-1);
      if (last !== undefined) sight.set(id, last.isIntersecting);
    });
    observer.observe(target);
    return () => {
      observer.disconnect();
      sight.set(id, false);
    };
  }, [sight, id, element]);
}

export function useInSight(id: string): boolean {
  const sight = use(SightContext);
  return useSyncExternalStore(sight.subscribe, () => sight.has(id));
}
