import { type RefObject, useEffect } from "react";

/** Moves the focus among the options of a list by arrow, Home and End. True when the key was one of these. */
export function moveFocus(list: HTMLElement | null, key: string): boolean {
  if (list === null) return false;
  const options = optionsOf(list);
  const at = options.findIndex((option) => option.matches(":focus"));
  const next = target(key, at, options.length);
  if (next === null) return false;
  options[next]?.focus();
  return true;
}

function target(key: string, at: number, total: number): number | null {
  if (key === "ArrowDown") return (at + 1) % total;
  if (key === "ArrowUp") return (at - 1 + total) % total;
  if (key === "Home") return 0;
  return key === "End" ? total - 1 : null;
}

/** Focuses the chosen option, else the first, once the list has appeared. */
export function useFocusFirst(list: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    if (list.current === null) return;
    const options = optionsOf(list.current);
    (options.find((option) => option.ariaSelected === "true") ?? options[0])?.focus();
  }, [list]);
}

function optionsOf(list: HTMLElement): HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>("[role=option],[role=menuitem]")];
}
