import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { useModal } from "./use-modal.ts";

interface ConfirmProps {
  readonly title: string;
  readonly children: ReactNode;
  /** What the button that does it says. */
  readonly action: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks before something that cannot be undone. The way out has the focus. */
export function Confirm({ title, children, action, onConfirm, onClose }: ConfirmProps) {
  const dialog = useModal();
  const confirm = (): void => {
    onConfirm();
    onClose();
  };
  return (
    <dialog
      ref={dialog}
      className="oq oq-dialog"
      aria-label={title}
      onClose={onClose}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <h2>{title}</h2>
      <div className="oq-muted">{children}</div>
      <footer>
        <Button autoFocus onClick={() => dialog.current?.close()}>
          Keep it
        </Button>
        <Button look="bad" onClick={confirm}>
          {action}
        </Button>
      </footer>
    </dialog>
  );
}
