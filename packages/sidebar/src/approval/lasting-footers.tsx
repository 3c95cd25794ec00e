import type { ApprovalDecision } from "@orquestra/protocol";
import { Button } from "../shell/button.tsx";
import type { FooterProps } from "./footers.tsx";
import { isOutside } from "./origin.ts";
import { Rules } from "./rules.tsx";

/** Says how far a yes for the run reaches before it is given. */
export function RunFooter({ approval, answer, setView }: FooterProps) {
  const { approvalId, todos } = approval;
  const once = todos.filter(({ control }) => control.integrity === "outside").length;
  const these = todos.length - once === 1 ? "Exactly this call, with these values," : "Exactly these calls, with these values,";
  return (
    <footer className="oq-ask-form">
      <p>{these} may be made again in this run, for 10 minutes. With any other value I ask again.</p>
      {once > 0 && <p className="oq-muted">{suggestedOnce(once)}</p>}
      <Choice
        label="Allow for this run"
        setView={setView}
        armed={answer.armed}
        onChoose={() => answer.respond({ approvalId, decision: "allow_once", scope: "plan" })}
      />
    </footer>
  );
}

/** Shows the rules before they are written. */
export function AlwaysFooter({ approval, answer, setView }: FooterProps) {
  const { approvalId, todos } = approval;
  const others = todos.filter((todo) => todo.rule === undefined);
  const allow = (): void => {
    const decisions = Object.fromEntries(
      todos.map((todo): [string, ApprovalDecision] => [todo.todoId, todo.rule === undefined ? "allow_once" : "allow_always"]),
    );
    answer.respond({ approvalId, decision: "allow_always", scope: "always", ...(others.length > 0 ? { decisions } : {}) });
  };
  return (
    <footer className="oq-ask-form">
      <Rules rules={todos.flatMap(({ rule }) => rule ?? [])} />
      {others.length > 0 && <p className="oq-muted">{withoutRule(others.length, others.every(isOutside))}</p>}
      <Choice label="Always allow" setView={setView} armed={answer.armed} onChoose={allow} />
    </footer>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly armed: boolean;
  readonly setView: FooterProps["setView"];
  readonly onChoose: () => void;
}

function Choice({ label, armed, setView, onChoose }: ChoiceProps) {
  return (
    <div className="oq-ask-buttons">
      <Button look="quiet" onClick={() => setView("ask")}>
        Back
      </Button>
      <span className="oq-space" />
      <Button disabled={!armed} onClick={onChoose}>
        {label}
      </Button>
    </div>
  );
}

function suggestedOnce(total: number): string {
  return `What was suggested by text from outside (${total}) is allowed this once and asks again.`;
}

function withoutRule(total: number, outside: boolean): string {
  const why = outside ? ": text from outside had a part in it" : "";
  if (total === 1) return `The other one cannot have a rule${why}. It is allowed this once.`;
  return `The other ${total} cannot have a rule${why}. They are allowed this once.`;
}
