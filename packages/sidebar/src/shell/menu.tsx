import { type KeyboardEvent, type ReactNode, useCallback, useRef, useState } from "react";
import { Popup } from "./popup.tsx";
import { moveFocus, useFocusFirst } from "./roving.ts";

export interface MenuItem {
  readonly label: string;
  readonly onSelect: () => void;
  readonly tone?: "bad";
  /** Small print behind the label: a shortcut, a state. */
  readonly hint?: string;
}

interface MenuProps {
  readonly label: string;
  readonly items: readonly MenuItem[];
  readonly children: ReactNode;
}

/** A button with a menu of things to do. */
export function Menu({ label, items, children }: MenuProps) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const close = useCallback(() => setOpen(false), []);
  const select = (item: MenuItem): void => {
    close();
    button.current?.focus();
    item.onSelect();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        className="oq-icon"
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen((last) => !last)}
      >
        {children}
      </button>
      {open && (
        <Popup anchor={button} onClose={close} align="end">
          <MenuList label={label} items={items} onSelect={select} />
        </Popup>
      )}
    </>
  );
}

interface MenuListProps {
  readonly label: string;
  readonly items: readonly MenuItem[];
  readonly onSelect: (item: MenuItem) => void;
}

function MenuList({ label, items, onSelect }: MenuListProps) {
  const list = useRef<HTMLDivElement>(null);
  useFocusFirst(list);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (moveFocus(list.current, event.key)) event.preventDefault();
  };
  return (
    <div ref={list} role="menu" aria-label={label} onKeyDown={onKeyDown}>
      {items.map((item) => (
        <button key={item.label} type="button" role="menuitem" tabIndex={-1} className="oq-option" onClick={() => onSelect(item)}>
          <span className={item.tone === "bad" ? "oq-bad" : undefined}>{item.label}</span>
          {item.hint !== undefined && <span className="oq-faint oq-small">{item.hint}</span>}
        </button>
      ))}
    </div>
  );
}
