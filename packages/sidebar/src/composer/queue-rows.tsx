import type { MessageState } from "@orquestra/protocol";
import { type KeyboardEvent, useState } from "react";
import { useQueue } from "../hooks/session.ts";
import { useCommand } from "../hooks/use-command.ts";
import { Icon } from "../shell/icon.tsx";
import { Menu } from "../shell/menu.tsx";

/** Messages that wait for the run before them: they can be changed, reordered, taken back, or said now. */
export function QueueRows({ runId }: { readonly runId: string | null }) {
  const queue = useQueue();
  if (queue.length === 0) return null;
  return (
    <ol className="oq-queue" aria-label="Queue">
      {queue.map((message, index) => (
        <QueueRow key={message.messageId} message={message} index={index} total={queue.length} runId={runId} />
      ))}
    </ol>
  );
}

interface QueueRowProps {
  readonly message: MessageState;
  readonly index: number;
  readonly total: number;
  readonly runId: string | null;
}

function QueueRow({ message, index, total, runId }: QueueRowProps) {
  const { messageId, text } = message;
  const [editing, setEditing] = useState(false);
  const update = useCommand("queue-update");
  const steer = useCommand("run-steer");
  const remove = (): void => update.send({ messageId, remove: true });
  const sayNow = (id: string): void => steer.send({ runId: id, text }, remove);
  const failed = [update.state, steer.state].find((state) => state.status === "failed");
  return (
    <li className="oq-queued" data-failed={failed !== undefined}>
      <span className="oq-small oq-faint">{index === 0 ? "next" : index + 1}</span>
      <div className="oq-queued-text">
        {editing ? (
          <EditLine
            text={text}
            onDone={() => setEditing(false)}
            onSave={(changed) => update.send({ messageId, text: changed })}
          />
        ) : (
          <span className="oq-clip">{text}</span>
        )}
        {failed?.status === "failed" && <span className="oq-small oq-bad">{failed.message}</span>}
      </div>
      <Menu
        label={`What to do with “${text.slice(0, 40)}”`}
        items={[
          ...(runId === null ? [] : [{ label: "Say it now", hint: "to the run at work", onSelect: () => sayNow(runId) }]),
          { label: "Edit", onSelect: () => setEditing(true) },
          ...(index > 0 ? [{ label: "Move up", onSelect: () => update.send({ messageId, position: index - 1 }) }] : []),
          ...(index < total - 1 ? [{ label: "Move down", onSelect: () => update.send({ messageId, position: index + 1 }) }] : []),
        ]}
      >
        <Icon name="more" />
      </Menu>
      <button
        type="button"
        className="oq-icon"
        aria-label={`Take back “${text.slice(0, 40)}”`}
        title="Take back"
        onClick={remove}
      >
        <Icon name="close" />
      </button>
    </li>
  );
}

interface EditLineProps {
  readonly text: string;
  readonly onSave: (text: string) => void;
  readonly onDone: () => void;
}

function EditLine({ text, onSave, onDone }: EditLineProps) {
  const [value, setValue] = useState(text);
  const save = (): void => {
    if (value.trim() !== "" && value !== text) onSave(value.trim());
    onDone();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) save();
    else if (event.key === "Escape") onDone();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <textarea
      className="oq-field"
      rows={2}
      autoFocus
      aria-label="Edit the queued message"
      value={value}
      onChange={(event) => setValue(event.target.value)}
      onKeyDown={onKeyDown}
      onBlur={save}
    />
  );
}
