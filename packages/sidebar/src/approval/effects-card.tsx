import type { ApprovalState } from "@orquestra/protocol";
import { useRef, useState } from "react";
import { reveal } from "../lib/invisible.ts";
import { Mark } from "../shell/mark.tsx";
import { AnswerNews } from "./answer-news.tsx";
import type { CardView } from "./card-view.ts";
import { AskFooter, SomeFooter, WhyFooter } from "./footers.tsx";
import { AlwaysFooter, RunFooter } from "./lasting-footers.tsx";
import { isOutside, sharedSuggestion } from "./origin.ts";
import { pauseTitle, question } from "./sentence.ts";
import { useReportSight } from "./sight.ts";
import { TodoQuestion } from "./todo-question.tsx";
import { useAnswer } from "./use-answer.ts";

/** "May I?": what would change, run or be sent, whether it can be undone, and where it came from. */
export function EffectsCard({ runId, approval }: { readonly runId: string; readonly approval: ApprovalState }) {
  const card = useRef<HTMLElement>(null);
  const [view, show] = useState<CardView>("ask");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const answer = useAnswer(approval.approvalId);
  useReportSight(approval.approvalId, card);
  const toggle = (todoId: string): void => {
    const next = new Set(chosen);
    if (!next.delete(todoId)) next.add(todoId);
    setChosen(next);
  };
  // The button that was pressed goes with its view, so the focus goes to the card.
  const setView = (next: CardView): void => {
    card.current?.focus({ preventScroll: true });
    show(next);
  };
  const said = sharedSuggestion(approval.todos);
  const footer = { approval, answer, setView };
  return (
    <section
      ref={card}
      className="oq-ask"
      role="group"
      aria-label={question(approval)}
      data-approval={approval.approvalId}
      tabIndex={-1}
    >
      <div className="oq-ask-top">
        <header>
          <Mark tone={approval.todos.some(isOutside) ? "out" : "wait"} />
          <h2>{pauseTitle(approval.kind)}</h2>
        </header>
        {approval.question !== undefined && <p className="oq-ask-text oq-ask-sum">{reveal(approval.question)}</p>}
      </div>
      {said !== null && <p className="oq-ask-outside oq-ask-all">{`All ${reveal(said)}`}</p>}
      <ul>
        {approval.todos.map((todo) => (
          <TodoQuestion
            key={todo.todoId}
            runId={runId}
            todo={todo}
            choosing={view === "some"}
            chosen={chosen.has(todo.todoId)}
            onToggle={() => toggle(todo.todoId)}
            said={said}
          />
        ))}
      </ul>
      <AnswerNews answer={answer} />
      {view === "ask" && <AskFooter {...footer} />}
      {view === "some" && <SomeFooter {...footer} chosen={chosen} />}
      {view === "why" && <WhyFooter {...footer} />}
      {view === "run" && <RunFooter {...footer} />}
      {view === "always" && <AlwaysFooter {...footer} />}
    </section>
  );
}
