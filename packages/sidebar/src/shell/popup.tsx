import { type FocusEvent, type ReactNode, type RefObject, useLayoutEffect, useRef } from "react";

interface PopupProps {
  readonly anchor: RefObject<HTMLElement | null>;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** Which edge of the anchor it lines up with. */
  readonly align?: "start" | "end";
}

const gap = 4;
const margin = 8;

/** Something that opens at a button, in the top layer: never clipped, closed by Esc, by leaving it and by pressing outside. */
export function Popup({ anchor, onClose, children, align = "start" }: PopupProps) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = box.current;
    const at = anchor.current;
    if (element === null || at === null) return;
    element.showPopover();
    place(element, at.getBoundingClientRect(), align);
  }, [anchor, align]);

  useLayoutEffect(() => {
    const outside = (event: Event): void => {
      const path = event.composedPath();
      if (box.current !== null && !path.includes(box.current) && (anchor.current === null || !path.includes(anchor.current)))
        onClose();
    };
    document.addEventListener("pointerdown", outside, true);
    window.addEventListener("resize", onClose);
    return () => {
      document.removeEventListener("pointerdown", outside, true);
      window.removeEventListener("resize", onClose);
    };
  }, [anchor, onClose]);

  // The focus may still be on the button, and Esc means what is open before it means the run.
  useLayoutEffect(() => {
    const escape = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      onClose();
      anchor.current?.focus();
    };
    document.addEventListener("keydown", escape, true);
    return () => document.removeEventListener("keydown", escape, true);
  }, [anchor, onClose]);

  const onBlur = ({ currentTarget, relatedTarget: to }: FocusEvent): void => {
    if (to instanceof Node && !currentTarget.contains(to) && anchor.current?.contains(to) !== true) onClose();
  };
  return (
    <div ref={box} popover="manual" className="oq oq-popup" onBlur={onBlur}>
      {children}
    </div>
  );
}

function place(box: HTMLElement, at: DOMRect, align: "start" | "end"): void {
  const { innerWidth, innerHeight } = window;
  const room = { above: at.top - gap - margin, below: innerHeight - at.bottom - gap - margin };
  const up = room.below < Math.min(box.scrollHeight, 240) && room.above > room.below;
  box.style.maxHeight = `${Math.max(96, up ? room.above : room.below)}px`;
  const wanted = align === "start" ? at.left : at.right - box.offsetWidth;
  box.style.left = `${Math.max(margin, Math.min(wanted, innerWidth - box.offsetWidth - margin))}px`;
  box.style.top = up ? "auto" : `${at.bottom + gap}px`;
  box.style.bottom = up ? `${innerHeight - at.top + gap}px` : "auto";
}
