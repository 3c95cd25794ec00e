import type { ApprovalKind, ApprovalState } from "@orquestra/protocol";
import { useId, useRef, useState } from "react";
import { reveal } from "../lib/invisible.ts";
import { Breakable } from "../shell/breakable.tsx";
import { Button } from "../shell/button.tsx";
import { Mark } from "../shell/mark.tsx";
import { AnswerNews } from "./answer-news.tsx";
import { pauseTitle, question } from "./sentence.ts";
import { useReportSight } from "./sight.ts";
import { useAnswer } from "./use-answer.ts";

const answers: Readonly<Record<ApprovalKind, readonly [no: string, yes: string]>> = {
  effects: ["Do not allow", "Allow"],
  plan: ["Do not", "Follow it"],
  budget: ["End the run", "Go on"],
  repeat: ["Stop this call", "Run it again"],
  flood: ["Stop here", "Go on"],
  question: ["No answer", "Answer"],
};

/** The run paused by itself and asks how to go on. */
export function PauseCard({ approval }: { readonly approval: ApprovalState }) {
  const { approvalId, kind } = approval;
  const card = useRef<HTMLElement>(null);
  const field = useId();
  const [text, setText] = useState("");
  const answer = useAnswer(approvalId);
  const { armed, respond } = answer;
  useReportSight(approvalId, card);
  const [no, yes] = answers[kind];
  const asksText = kind === "question";
  const reason = text.trim() === "" ? {} : { reason: text.trim() };
  return (
    <section ref={card} className="oq-ask" role="group" aria-label={question(approval)} data-approval={approvalId} tabIndex={-1}>
      <header>
        <Mark tone="wait" />
        <h2>{pauseTitle(kind)}</h2>
      </header>
      {approval.question !== undefined && (
        <p className="oq-ask-text" id={field}>
          <Breakable text={reveal(approval.question)} />
        </p>
      )}
      {asksText && (
        <div className="oq-ask-text">
          <textarea
            className="oq-field"
            rows={2}
            aria-labelledby={field}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
      )}
      <AnswerNews answer={answer} />
      <footer>
        <span className="oq-space" />
        <Button look="quiet" disabled={!armed} onClick={() => respond({ approvalId, decision: "reject_once" })}>
          {no}
        </Button>
        <Button
          disabled={!armed || (asksText && text.trim() === "")}
          onClick={() => respond({ approvalId, decision: "allow_once", ...reason })}
        >
          {yes}
        </Button>
      </footer>
    </section>
  );
}
