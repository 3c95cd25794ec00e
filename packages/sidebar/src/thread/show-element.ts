import type { RevealTarget } from "../hooks/reveal.ts";

/** Rows mount a frame or two after they were scrolled to; then the element is looked for, at most this often. */
const tries = 20;

/** Brings the element of a target into view, opens what hides it, and focuses it. */
export function showElement(scroller: HTMLElement, target: RevealTarget): void {
  const selector = selectorOf(target);
  let left = tries;
  const attempt = (): void => {
    const element = scroller.querySelector<HTMLElement>(selector);
    left -= 1;
    if (element !== null) show(element);
    else if (left > 0) requestAnimationFrame(attempt);
  };
  requestAnimationFrame(attempt);
}

function selectorOf({ messageId, runId, todoId, approvalId }: RevealTarget): string {
  if (approvalId !== undefined) return `[data-approval="${CSS.escape(approvalId)}"]`;
  if (todoId !== undefined) return `[data-todo~="${CSS.escape(`${runId ?? ""}:${todoId}`)}"]`;
  return `[data-message="${CSS.escape(messageId ?? "")}"]`;
}

function show(element: HTMLElement): void {
  for (let box = element.parentElement?.closest("details"); box != null; box = box.parentElement?.closest("details"))
    box.open = true;
  if (element instanceof HTMLDetailsElement) element.open = true;
  element.scrollIntoView({ block: "nearest" });
  const focusable = element instanceof HTMLDetailsElement ? element.querySelector("summary") : element;
  focusable?.focus({ preventScroll: true });
}
