import { useLater } from "../hooks/use-later.ts";
import type { Answer } from "./use-answer.ts";

/** Why an answer did not hold, or that it takes a while to arrive, as it does without a connection. */
export function AnswerNews({ answer: { error, sending } }: { readonly answer: Answer }) {
  const late = useLater(sending, 1_000);
  return (
    <>
      {error !== null && (
        <p className="oq-ask-text oq-bad" role="alert">
          {error}
        </p>
      )}
      {sending && late && (
        <p className="oq-ask-text oq-muted" role="status">
          Your answer is on its way. Nothing happens before it arrives.
        </p>
      )}
    </>
  );
}
