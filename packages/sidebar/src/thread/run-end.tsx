import type { RunState } from "@orquestra/protocol";
import { useMessage } from "../hooks/session.ts";
import { useCommand } from "../hooks/use-command.ts";
import { useNow } from "../hooks/use-now.ts";
import { count, duration, money, plural, timeOf } from "../lib/format.ts";
import { workedMs } from "../lib/worked.ts";
import { adviceFor, asksForModel } from "../lib/advice.ts";
import { Button } from "../shell/button.tsx";
import { Mark } from "../shell/mark.tsx";
import { useOpenSetup } from "../settings/setup-context.ts";

/** How a run ended: what it took, or what went wrong and what to do. */
export function RunEnd({ run }: { readonly run: RunState }) {
  if (run.error !== null) return <FailedRun run={run} />;
  return (
    <p className="oq-run-end">
      {endWord(run) !== "" && <strong>{endWord(run)}</strong>}
      {facts(run).join(" · ")}
    </p>
  );
}

function endWord(run: RunState): string {
  if (run.status === "cancelled" || run.stopReason === "cancelled") return "Stopped. ";
  if (run.stopReason === "budget") return "Stopped: its budget was used up. ";
  return run.stopReason === "refusal" ? "The model declined. " : "";
}

function facts(run: RunState): readonly string[] {
  const worked = workedMs(run, timeOf(run.endedAt) ?? 0);
  const tokens = run.usage === null ? 0 : run.usage.inputTokens + run.usage.outputTokens;
  return [
    ...(worked <= 0 ? [] : [duration(worked)]),
    ...(run.turn === 0 ? [] : [plural(run.turn, "model call")]),
    ...(tokens === 0 ? [] : [`${count(tokens)} tokens`]),
    ...(run.cost === null ? [] : [money(run.cost)]),
  ];
}

function FailedRun({ run }: { readonly run: RunState }) {
  const message = useMessage(run.messageId);
  const { state, send } = useCommand("message-send");
  const wait = useWait(run);
  const openSetup = useOpenSetup();
  if (run.error === null) return null;
  const retry = (): void => {
    if (message !== undefined) send({ text: message.text, attachments: [...message.attachments] });
  };
  return (
    <section className="oq-failed" role="group" aria-label="The run failed">
      <header>
        <Mark tone="bad" />
        <strong>The run failed</strong>
        <code className="oq-faint">{run.error.code}</code>
      </header>
      <p>{run.error.message}</p>
      <p className="oq-muted">{adviceFor(run.error)}</p>
      {state.status === "failed" && <p className="oq-bad">{state.message}</p>}
      <footer>
        <Button disabled={wait > 0 || state.status === "pending" || message === undefined} onClick={retry}>
          {wait > 0 ? `Try again in ${duration(Math.ceil(wait / 1000) * 1000)}` : "Try again"}
        </Button>
        {asksForModel(run.error) && <Button onClick={openSetup}>Set up a model…</Button>}
      </footer>
    </section>
  );
}

/** Milliseconds until another try makes sense. */
function useWait(run: RunState): number {
  const until = (timeOf(run.endedAt) ?? 0) + (run.error?.retryAfterMs ?? 0);
  const now = useNow(run.error?.retryAfterMs !== undefined);
  return run.error?.retryAfterMs === undefined ? 0 : Math.max(0, until - now);
}
