import type { ReactNode } from "react";
import { Icon } from "./icon.tsx";
import { useModal } from "./use-modal.ts";

interface SheetProps {
  readonly label: string;
  readonly side: "left" | "full";
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A part of the page that has no room of its own: over everything, closed by Esc, the cross, or pressing beside it. */
export function Sheet({ label, side, onClose, children }: SheetProps) {
  const dialog = useModal();
  return (
    <dialog
      ref={dialog}
      className="oq oq-sheet"
      data-side={side}
      aria-label={label}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current.close()}
    >
      <button type="button" className="oq-icon oq-sheet-close" aria-label="Close" onClick={() => dialog.current?.close()}>
        <Icon name="close" />
      </button>
      {children}
    </dialog>
  );
}
