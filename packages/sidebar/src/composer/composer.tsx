import { type FormEvent, type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { PinnedBar } from "../approval/pinned-bar.tsx";
import { useStore } from "../hooks/context.ts";
import { isBusy, useActiveRunId, useRun } from "../hooks/session.ts";
import { useCommand } from "../hooks/use-command.ts";
import { Button } from "../shell/button.tsx";
import { Icon } from "../shell/icon.tsx";
import { useThreadRef } from "../shell/provider.tsx";
import { Chips } from "./chips.tsx";
import { type Draft, emptyDraft, loadDraft, saveDraft } from "./draft.ts";
import { Field } from "./field.tsx";
import { ModePicker } from "./mode-picker.tsx";
import { ModelPicker } from "./model-picker.tsx";
import { OutgoingRows } from "./outgoing-rows.tsx";
import { QueueRows } from "./queue-rows.tsx";
import { StopButton } from "./stop-button.tsx";
import { useOutgoing } from "./use-outgoing.ts";

/** Where the person writes. Enter sends; during a run it queues, Ctrl+Enter says it to the run at once. */
export function Composer() {
  const { sessionId } = useStore();
  const runId = useActiveRunId();
  const busy = isBusy(useRun(runId ?? ""));
  const [draft, setDraft] = useDraft(sessionId);
  const field = useRef<HTMLTextAreaElement>(null);
  const outgoing = useOutgoing();
  const thread = useThreadRef();
  const steer = useCommand("run-steer");
  useGrow(field, draft.text);

  const ready = draft.text.trim() !== "";
  const clear = (): void => setDraft(emptyDraft);
  const submit = (): void => {
    if (!ready) return;
    if (!busy) thread.current?.toEnd();
    outgoing.send({ ...draft, text: draft.text.trim() });
    clear();
  };
  const sayNow = (): void => {
    if (!ready || runId === null) return;
    steer.send({ runId, text: draft.text.trim() }, clear);
  };
  const putBack = (text: string): void => {
    setDraft({ ...draft, text: draft.text === "" ? text : `${text}\n${draft.text}` });
    field.current?.focus();
  };
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    submit();
  };

  return (
    <div className="oq-foot">
      <PinnedBar />
      <form className="oq-composer" onSubmit={onSubmit} aria-label="Message">
        <QueueRows runId={runId} />
        <OutgoingRows outgoing={outgoing} onPutBack={putBack} />
        {steer.state.status === "failed" && <p className="oq-bad">{steer.state.message}</p>}
        <div className="oq-box">
          <Chips
            files={draft.files}
            onRemove={(path) => setDraft({ ...draft, files: draft.files.filter((file) => file !== path) })}
          />
          <Field field={field} draft={draft} busy={busy} onChange={setDraft} onSubmit={submit} onSayNow={sayNow} />
          <div className="oq-tools">
            <ModePicker />
            <ModelPicker />
            <div className="oq-tools-end">
              {busy && runId !== null && ready && (
                <Button look="quiet" onClick={sayNow} title="Say it to the run now (Ctrl+Enter)">
                  Say now
                </Button>
              )}
              {busy && runId !== null && <StopButton runId={runId} />}
              {(!busy || ready) && (
                <button
                  type="submit"
                  className="oq-send"
                  disabled={!ready}
                  aria-label={busy ? "Add to the queue" : "Send"}
                  title={busy ? "Add to the queue (Enter)" : "Send (Enter)"}
                >
                  <Icon name="arrowUp" />
                </button>
              )}
            </div>
          </div>
        </div>
      </form>
    </div>
  );
}

function useDraft(sessionId: string): readonly [Draft, (draft: Draft) => void] {
  const [kept, setKept] = useState(() => ({ sessionId, draft: loadDraft(sessionId) }));
  const draft = kept.sessionId === sessionId ? kept.draft : loadDraft(sessionId);
  const set = useCallback((next: Draft) => setKept({ sessionId, draft: next }), [sessionId]);
  useEffect(() => {
    if (kept.sessionId === sessionId) saveDraft(sessionId, kept.draft);
  }, [kept, sessionId]);
  return [draft, set];
}

/** As high as its text; the style sheet sets the limit. */
function useGrow(field: RefObject<HTMLTextAreaElement | null>, text: string): void {
  useLayoutEffect(() => {
    const element = field.current;
    if (element === null) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [field, text]);
}
