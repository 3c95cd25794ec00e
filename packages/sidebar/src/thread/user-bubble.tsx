import type { MessageState } from "@orquestra/protocol";
import { Icon } from "../shell/icon.tsx";

/** What the person wrote: shown exactly, never as markdown. */
export function UserBubble({ message }: { readonly message: MessageState }) {
  return (
    <div className="oq-you">
      <p>{message.text}</p>
      {message.attachments.length > 0 && (
        <ul className="oq-you-files" aria-label="Attached files">
          {message.attachments.map(({ path }) => (
            <li key={path}>
              <Icon name="file" />
              <span className="oq-mono">{path}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
