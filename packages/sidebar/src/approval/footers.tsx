import type { ApprovalDecision, ApprovalState } from "@orquestra/protocol";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { Button } from "../shell/button.tsx";
import type { CardView } from "./card-view.ts";
import { allowLabel, isHarmless } from "./sentence.ts";
import type { useAnswer } from "./use-answer.ts";

interface FooterProps {
  readonly approval: ApprovalState;
  readonly answer: ReturnType<typeof useAnswer>;
  readonly setView: (view: CardView) => void;
}

/** The plain answers. Allow is bright only when everything can be undone and nothing came from outside. */
export function AskFooter({ approval, answer, setView }: FooterProps) {
  const { approvalId, todos } = approval;
  const rules = todos.some((todo) => todo.rule !== undefined);
  return (
    <footer>
      <Button look="quiet" disabled={!answer.armed} onClick={() => setView("why")}>
        Say why not
      </Button>
      {rules && (
        <Button look="quiet" disabled={!answer.armed} onClick={() => setView("always")}>
          Always…
        </Button>
      )}
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

/** Shows the rules before they are written. */
export function AlwaysFooter({ approval, answer, setView }: FooterProps) {
  const { approvalId, todos } = approval;
  const ruled = todos.filter((todo) => todo.rule !== undefined);
  const allow = (): void => {
    const decisions = Object.fromEntries(
      todos.map((todo): [string, ApprovalDecision] => [todo.todoId, todo.rule === undefined ? "allow_once" : "allow_always"]),
    );
    answer.respond({
      approvalId,
      decision: "allow_always",
      scope: "always",
      ...(ruled.length < todos.length ? { decisions } : {}),
    });
  };
  return (
    <footer className="oq-ask-form">
      <p>{ruled.length === 1 ? "This rule will be kept:" : "These rules will be kept:"}</p>
      <ul className="oq-rules">
        {ruled.map((todo) => (
          <li key={todo.todoId}>
            <code>{todo.rule}</code>
          </li>
        ))}
      </ul>
      {ruled.length < todos.length && <p className="oq-muted">{withoutRule(todos.length - ruled.length)}</p>}
      <div className="oq-ask-buttons">
        <Button look="quiet" onClick={() => setView("ask")}>
          Back
        </Button>
        <span className="oq-space" />
        <Button disabled={!answer.armed} onClick={allow}>
          Always allow
        </Button>
      </div>
    </footer>
  );
}

function withoutRule(total: number): string {
  if (total === 1) return "The other one cannot have a rule; it is allowed this once.";
  return `The other ${total} cannot have a rule; they are allowed this once.`;
}

/** Only for fields the person asked for by pressing a button. */
export function useFocusOnMount<E extends HTMLElement>() {
  const element = useRef<E>(null);
  useEffect(() => element.current?.focus(), []);
  return element;
}
