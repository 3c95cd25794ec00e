import { type RefObject, useCallback, useEffect, useRef, useState } from "react";

/** So close to the end counts as at the end. */
const nearPx = 32;

/** Until rows that were jumped to are measured. */
const settleMs = 250;

interface Autoscroll {
  readonly atEnd: boolean;
  readonly toEnd: () => void;
  /** Lets go of the end, because something else is to be looked at. */
  readonly release: () => void;
}

/** Keeps a scroller at its end while it grows. Scrolling up stops it, scrolling back to the end (or `toEnd`) resumes it. */
export function useAutoscroll(scroller: RefObject<HTMLElement | null>): Autoscroll {
  const [atEnd, setAtEnd] = useState(true);
  const stuck = useRef(true);
  const stick = useCallback((next: boolean) => {
    stuck.current = next;
    setAtEnd(next);
  }, []);

  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    let lastTop = element.scrollTop;
    let lastHeight = element.scrollHeight;
    const onScroll = (): void => {
      const { scrollTop, scrollHeight } = element;
      if (endDistance(element) <= nearPx) stick(true);
      // Only a person scrolls up while nothing changed its size.
      else if (scrollTop < lastTop - 1 && scrollHeight === lastHeight) stick(false);
      lastTop = scrollTop;
      lastHeight = scrollHeight;
    };
    const follow = (): void => {
      if (stuck.current) element.scrollTop = element.scrollHeight;
    };
    const sizes = new ResizeObserver(follow);
    sizes.observe(element);
    for (const child of element.children) sizes.observe(child);
    element.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      sizes.disconnect();
      element.removeEventListener("scroll", onScroll);
    };
  }, [scroller, stick]);

  const toEnd = useCallback(() => {
    stick(true);
    const element = scroller.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
  }, [scroller, stick]);
  const release = useCallback(() => {
    stuck.current = false;
    setTimeout(() => {
      if (scroller.current !== null) stick(endDistance(scroller.current) <= nearPx);
    }, settleMs);
  }, [scroller, stick]);
  return { atEnd, toEnd, release };
}

function endDistance({ scrollTop, scrollHeight, clientHeight }: HTMLElement): number {
  return scrollHeight - scrollTop - clientHeight;
}
