import { flushSync } from "react-dom";
import { type KeyboardEvent, type RefObject, useState } from "react";
import type { Draft } from "./draft.ts";
import { completeMention, mentionAt } from "./mention.ts";
import { type MentionHandle, MentionList, useMentions } from "./mention-list.tsx";

interface FieldProps {
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly draft: Draft;
  readonly busy: boolean;
  readonly onChange: (draft: Draft) => void;
  readonly onSubmit: () => void;
  readonly onSayNow: () => void;
}

/** The text itself, with the list of files behind `@`. */
export function Field({ field, draft, busy, onChange, onSubmit, onSayNow }: FieldProps) {
  const [caret, setCaret] = useState(0);
  const mention = mentionAt(draft.text, caret);
  const mentions = useMentions(mention);
  const choose = (path: string): void => {
    if (mention === null) return;
    const edited = completeMention(draft.text, mention, path);
    // At once: whoever types on meanwhile would find the caret moved back between their letters.
    flushSync(() => {
      onChange({ text: edited.text, files: draft.files.includes(path) ? draft.files : [...draft.files, path] });
      setCaret(edited.caret);
    });
    field.current?.setSelectionRange(edited.caret, edited.caret);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // While an input method composes, Enter and arrows belong to it.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (mentionKey(event, mentions, choose)) return;
    if (event.key !== "Enter" || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if ((event.ctrlKey || event.metaKey) && busy) onSayNow();
    else onSubmit();
  };
  return (
    <>
      <MentionList mentions={mentions} onChoose={choose} />
      <textarea
        ref={field}
        rows={2}
        aria-label="Message"
        placeholder={busy ? "Add to the queue, or steer the run…" : "Ask, or say what to do. @ adds a file."}
        value={draft.text}
        onChange={(event) => {
          onChange({ ...draft, text: event.target.value });
          setCaret(event.target.selectionStart);
        }}
        onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
        onKeyDown={onKeyDown}
        aria-autocomplete="list"
        aria-haspopup="listbox"
        aria-controls={mentions.open ? mentions.listId : undefined}
        aria-activedescendant={mentions.open ? mentions.optionId(mentions.active) : undefined}
      />
    </>
  );
}

/** True when the key was for the list of files. */
function mentionKey(event: KeyboardEvent, mentions: MentionHandle, choose: (path: string) => void): boolean {
  if (!mentions.open) return false;
  const path = mentions.paths[mentions.active];
  if (event.key === "ArrowDown") mentions.move(1);
  else if (event.key === "ArrowUp") mentions.move(-1);
  else if (event.key === "Escape") mentions.close();
  else if ((event.key === "Enter" || event.key === "Tab") && path !== undefined) choose(path);
  else return false;
  event.preventDefault();
  event.stopPropagation();
  return true;
}
