import type { ApprovalDecision, ApprovalState } from "@orquestra/protocol";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { Button } from "../shell/button.tsx";
import type { CardView } from "./card-view.ts";
import { isOutside } from "./origin.ts";
import { Rules } from "./rules.tsx";
import { allowLabel, isHarmless } from "./sentence.ts";
import type { useAnswer } from "./use-answer.ts";

export interface FooterProps {
  readonly approval: ApprovalState;
  readonly answer: ReturnType<typeof useAnswer>;
  readonly setView: (view: CardView) => void;
}

/** The plain answers. Allow is bright only when everything can be undone and nothing came from outside. */
export function AskFooter({ approval, answer, setView }: FooterProps) {
  const { approvalId, todos } = approval;
  const rules = todos.some((todo) => todo.rule !== undefined);
  const forRun = todos.some((todo) => todo.control.integrity !== "outside");
  return (
    <footer>
      {!rules && todos.some(isOutside) && (
        <p className="oq-small oq-muted oq-ask-limit">No rule can allow this from now on: text from outside had a part in it.</p>
      )}
      <div className="oq-ask-else">
        <Button look="quiet" disabled={!answer.armed} onClick={() => setView("why")}>
          Say why not
        </Button>
        {forRun && (
          <Button look="quiet" disabled={!answer.armed} onClick={() => setView("run")}>
            For this run…
          </Button>
        )}
        {rules && (
          <Button look="quiet" disabled={!answer.armed} onClick={() => setView("always")}>
            Always…
          </Button>
        )}
      </div>
      <div className="oq-ask-yes">
        {todos.length > 1 && (
          <Button disabled={!answer.armed} onClick={() => setView("some")}>
            Only some
          </Button>
        )}
        <Button
          look={isHarmless(approval) ? "bright" : "plain"}
          disabled={!answer.armed}
          onClick={() => answer.respond({ approvalId, decision: "allow_once" })}
        >
          {allowLabel(todos.length)}
        </Button>
      </div>
    </footer>
  );
}

interface SomeProps extends FooterProps {
  readonly chosen: ReadonlySet<string>;
}

/** Every todo is named in the answer, so what was not chosen is refused and never falls back on a default. */
export function SomeFooter({ approval, answer, setView, chosen }: SomeProps) {
  const allow = (): void => {
    const decisions = Object.fromEntries(
      approval.todos.map(({ todoId }): [string, ApprovalDecision] => [todoId, chosen.has(todoId) ? "allow_once" : "reject_once"]),
    );
    answer.respond({ approvalId: approval.approvalId, decision: "reject_once", decisions });
  };
  return (
    <footer>
      <Button look="quiet" onClick={() => setView("ask")}>
        Back
      </Button>
      <span className="oq-space" />
      <Button disabled={!answer.armed || chosen.size === 0} onClick={allow}>
        {chosen.size === 0 ? "Choose above" : `Allow ${chosen.size} of ${approval.todos.length}`}
      </Button>
    </footer>
  );
}

export function WhyFooter({ approval, answer, setView }: FooterProps) {
  const id = useId();
  const [reason, setReason] = useState("");
  const [never, setNever] = useState(false);
  const field = useFocusOnMount<HTMLTextAreaElement>();
  const refuse = (): void => {
    const text = reason.trim();
    const decision = never ? "reject_always" : "reject_once";
    answer.respond({ approvalId: approval.approvalId, decision, ...(text === "" ? {} : { reason: text }) });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    setView("ask");
  };
  return (
    <footer className="oq-ask-form" onKeyDown={onKeyDown}>
      <label htmlFor={id}>Why not? The model reads this and goes on without it.</label>
      <textarea
        id={id}
        ref={field}
        className="oq-field"
        rows={2}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      <label className="oq-check">
        <input type="checkbox" checked={never} onChange={(event) => setNever(event.target.checked)} /> Never, from now on
      </label>
      {never && <Rules rules={approval.todos.flatMap(({ denyRule }) => denyRule ?? [])} />}
      <div className="oq-ask-buttons">
        <Button look="quiet" onClick={() => setView("ask")}>
          Back
        </Button>
        <span className="oq-space" />
        <Button disabled={!answer.armed} onClick={refuse}>
          Do not allow
        </Button>
      </div>
    </footer>
  );
}

/** Only for fields the person asked for by pressing a button. */
export function useFocusOnMount<E extends HTMLElement>() {
  const element = useRef<E>(null);
  useEffect(() => element.current?.focus(), []);
  return element;
}
