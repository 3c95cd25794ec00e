import type { RunState } from "@orquestra/protocol";
import { count, money } from "../lib/format.ts";
import type { Score } from "./score.ts";

interface FactsProps {
  readonly run: RunState;
  readonly score: Score;
}

/** The run in four figures. What is not known yet is left out rather than shown as nothing. */
export function Facts({ run, score }: FactsProps) {
  const factor = score.workedMs === 0 ? 1 : score.serialMs / score.workedMs;
  const tokens = run.usage === null ? 0 : run.usage.inputTokens + run.usage.outputTokens;
  return (
    <dl className="oq-facts">
      {factor >= 1.05 && <Fact figure={`${factor.toFixed(1)}×`} words="faster than one by one" />}
      {run.turns.length > 0 && (
        <Fact figure={count(run.turns.length)} words={run.turns.length === 1 ? "model call" : "model calls"} />
      )}
      {tokens > 0 && <Fact figure={count(tokens)} words="tokens" />}
      {run.cost !== null && <Fact figure={money(run.cost)} words="for this run" />}
    </dl>
  );
}

function Fact({ figure, words }: { readonly figure: string; readonly words: string }) {
  return (
    <div>
      <dd>{figure}</dd>
      <dt>{words}</dt>
    </div>
  );
}
