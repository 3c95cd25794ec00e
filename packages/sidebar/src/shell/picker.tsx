import { type KeyboardEvent, useCallback, useRef, useState } from "react";
import { Icon } from "./icon.tsx";
import { Popup } from "./popup.tsx";
import { moveFocus, useFocusFirst } from "./roving.ts";

export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly hint?: string | undefined;
  /** Why it cannot be chosen now. */
  readonly unavailable?: string | undefined;
}

interface PickerProps {
  /** What is chosen: "Mode", "Model". */
  readonly label: string;
  readonly value: string;
  readonly shown: string;
  readonly choices: readonly Choice[];
  readonly onChoose: (value: string) => void;
  readonly onOpen?: () => void;
  /** Something to do below the choices. */
  readonly more?: { readonly label: string; readonly onSelect: () => void };
}

/** A quiet button that shows the choice and opens the list of others. */
export function Picker({ label, value, shown, choices, onChoose, onOpen, more }: PickerProps) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const close = useCallback(() => setOpen(false), []);
  const choose = (chosen: string): void => {
    close();
    button.current?.focus();
    if (chosen !== value) onChoose(chosen);
  };
  const toggle = (): void => {
    if (!open) onOpen?.();
    setOpen(!open);
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        className="oq-picker"
        aria-haspopup="listbox"
        aria-expanded={open}
        aria-label={`${label}: ${shown}`}
        onClick={toggle}
      >
        <span className="oq-clip">{shown}</span>
        <Icon name="down" />
      </button>
      {open && (
        <Popup anchor={button} onClose={close}>
          <ChoiceList label={label} value={value} choices={choices} onChoose={choose} />
          {more !== undefined && (
            <button
              type="button"
              className="oq-option oq-option-more"
              onClick={() => {
                close();
                button.current?.focus();
                more.onSelect();
              }}
            >
              {more.label}
            </button>
          )}
        </Popup>
      )}
    </>
  );
}

type ListProps = Pick<PickerProps, "label" | "value" | "choices" | "onChoose">;

function ChoiceList({ label, value, choices, onChoose }: ListProps) {
  const list = useRef<HTMLDivElement>(null);
  useFocusFirst(list);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (moveFocus(list.current, event.key)) event.preventDefault();
  };
  return (
    <div ref={list} role="listbox" aria-label={label} onKeyDown={onKeyDown}>
      {choices.map((choice) => (
        <button
          key={choice.value}
          type="button"
          role="option"
          tabIndex={-1}
          className="oq-option"
          aria-selected={choice.value === value}
          aria-disabled={choice.unavailable !== undefined}
          onClick={() => choice.unavailable === undefined && onChoose(choice.value)}
        >
          <span>{choice.label}</span>
          {(choice.unavailable ?? choice.hint) !== undefined && (
            <span className="oq-small oq-option-hint">{choice.unavailable ?? choice.hint}</span>
          )}
        </button>
      ))}
    </div>
  );
}
