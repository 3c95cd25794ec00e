import { createContext, use } from "react";

/** Something in the thread that another part of the page points at. */
export interface RevealTarget {
  readonly runId?: string;
  readonly messageId?: string;
  readonly todoId?: string;
  readonly approvalId?: string;
}

/** Scrolls the thread to the target, opens it and puts the focus on it. */
export type Reveal = (target: RevealTarget) => void;

export const RevealContext = createContext<Reveal>(() => undefined);

export function useReveal(): Reveal {
  return use(RevealContext);
}
