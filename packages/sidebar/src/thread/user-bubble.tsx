import type { MessageState } from "@orquestra/protocol";
import { useState } from "react";
import { Breakable } from "../shell/breakable.tsx";
import { Icon } from "../shell/icon.tsx";

/** More than this is folded: what was pasted should not push away what was answered. */
const shownChars = 1_200;
const shownLines = 16;

/** What the person wrote: shown exactly, never as markdown. */
export function UserBubble({ message }: { readonly message: MessageState }) {
  const [all, setAll] = useState(false);
  const { text, attachments } = message;
  const head = text.split("\n", shownLines).join("\n").slice(0, shownChars);
  const folded = head.length < text.length;
  return (
    <div className="oq-you">
      <p>{all ? text : head}</p>
      {folded && (
        <button type="button" className="oq-link" onClick={() => setAll(!all)}>
          {all ? "Show less" : "Show all"}
        </button>
      )}
      {attachments.length > 0 && (
        <ul className="oq-you-files" aria-label="Attached files">
          {attachments.map(({ path }) => (
            <li key={path}>
              <Icon name="file" />
              <span className="oq-mono">
                <Breakable text={path} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
