import { type KeyboardEvent, useState } from "react";

export interface TitleFieldProps {
  readonly title: string;
  readonly className?: string;
  /** The new title, or nothing where the old one is to stay. `left`: the focus went elsewhere and is to stay there. */
  readonly onDone: (title: string, left: boolean) => void;
}

/** A session's title while it is being changed: Enter and leaving the field keep it, Escape does not. */
export function TitleField({ title, className = "", onDone }: TitleFieldProps) {
  const [value, setValue] = useState(title);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter") onDone(value.trim(), false);
    else if (event.key === "Escape") onDone("", false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <input
      className={`oq-field ${className}`.trimEnd()}
      aria-label="Title of the session"
      autoFocus
      maxLength={200}
      value={value}
      onFocus={(event) => event.target.select()}
      onChange={(event) => setValue(event.target.value)}
      onKeyDown={onKeyDown}
      onBlur={() => onDone(value.trim(), true)}
    />
  );
}
