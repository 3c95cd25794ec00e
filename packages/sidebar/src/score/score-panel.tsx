import { type RunState, type TodoState, isRunTerminal } from "@orquestra/protocol";
import { type CSSProperties, useMemo } from "react";
import { useReveal } from "../hooks/reveal.ts";
import { useMessage, useRun, useShownRunId } from "../hooks/session.ts";
import { useNow } from "../hooks/use-now.ts";
import { axisTime, duration, plural, todoNumber } from "../lib/format.ts";
import { toneOf, wordOf } from "../lib/status.ts";
import { Button } from "../shell/button.tsx";
import { Mark } from "../shell/mark.tsx";
import { Progress } from "../thread/progress.tsx";
import { TodoTime } from "../todo/todo-time.tsx";
import { useTodoActions } from "../todo/use-todo-actions.ts";
import { Facts } from "./facts.tsx";
import { type Bar, type Lane, type Score, scoreOf } from "./score.ts";

/** The run as an orchestra's score: what played together, what waits, what it saved. */
export function ScorePanel() {
  const runId = useShownRunId();
  if (runId === null) return <EmptyScore />;
  return <ScoreOf runId={runId} />;
}

function EmptyScore() {
  return (
    <div className="oq-score oq-score-empty">
      <h2>Nothing to play yet</h2>
      <p className="oq-muted">
        Once the model has a plan, every todo gets a line here: what runs side by side, what waits for you, and how much time that
        saves.
      </p>
    </div>
  );
}

function ScoreOf({ runId }: { readonly runId: string }) {
  const run = useRun(runId);
  const asked = useMessage(run?.messageId ?? "")?.text;
  const now = useNow(run !== undefined && !isRunTerminal(run.status));
  const score = useMemo(() => (run === undefined ? null : scoreOf(run, now)), [run, now]);
  if (run === undefined || score === null) return <EmptyScore />;
  return (
    <div className="oq-score" tabIndex={0} role="region" aria-label="Score">
      <h2 className="oq-score-title">{asked}</h2>
      <p className="oq-muted">{sentence(run, score)}</p>
      <Lanes runId={runId} score={score} />
      <Facts run={run} score={score} />
      <RunningOutput run={run} />
    </div>
  );
}

function sentence(run: RunState, { workedMs, serialMs, atOnce }: Score): string {
  const total = run.todos.filter((todo) => todo.parent === undefined).length;
  if (total === 0) return `${duration(workedMs)} of work${isRunTerminal(run.status) ? "" : " so far"}.`;
  const together = atOnce > 1 ? `, up to ${atOnce} at once` : "";
  const saved = serialMs > workedMs * 1.05 ? ` One after the other it would have been ${duration(serialMs)}.` : "";
  const worked = workedMs === 0 ? "" : ` ${duration(workedMs)} of work${isRunTerminal(run.status) ? "" : " so far"}.`;
  return `${plural(total, "todo")}${together}.${worked}${saved}`;
}

function Lanes({ runId, score }: { readonly runId: string; readonly score: Score }) {
  const { axis, lanes } = score;
  const step = axis.ticks[1]?.ms ?? 0;
  return (
    <div className="oq-lanes">
      <div className="oq-ruler" aria-hidden="true">
        {axis.ticks.map((tick) => (
          <span key={tick.ms} style={{ left: `${tick.at * 100}%` }}>
            {axisTime(tick.ms, step)}
          </span>
        ))}
      </div>
      <div className="oq-grid" aria-hidden="true">
        {axis.ticks.map((tick) => (
          <i key={tick.ms} style={{ left: `${tick.at * 100}%` }} />
        ))}
        {axis.pauses.map((pause) => (
          <b key={pause.at} style={{ left: `${pause.at * 100}%` }} title={`${duration(pause.ms)} in which nothing ran`} />
        ))}
      </div>
      <ol>
        {lanes.map((lane) => (
          <LaneRow key={lane.key} runId={runId} lane={lane} score={score} />
        ))}
      </ol>
    </div>
  );
}

interface LaneRowProps {
  readonly runId: string;
  readonly lane: Lane;
  readonly score: Score;
}

function LaneRow({ runId, lane, score }: LaneRowProps) {
  const reveal = useReveal();
  const { todoId } = lane;
  return (
    <li className="oq-lane">
      <span className="oq-lane-number">{lane.number}</span>
      {todoId === null ? (
        <span className="oq-lane-name oq-muted">{lane.title}</span>
      ) : (
        <button type="button" className="oq-lane-name oq-clip" title={lane.title} onClick={() => reveal({ runId, todoId })}>
          {lane.title}
        </button>
      )}
      <div className="oq-lane-time">
        {lane.rest !== "" && <span className="oq-lane-rest">{lane.rest}</span>}
        {lane.bars.map((bar) => (
          <BarView key={`${bar.tone}:${bar.start}`} bar={bar} score={score} />
        ))}
      </div>
    </li>
  );
}

/** The style sheet shows the label where the bar has room for it. */
function BarView({ bar, score: { axis } }: { readonly bar: Bar; readonly score: Score }) {
  const left = axis.place(bar.start);
  const width = axis.place(bar.end) - left;
  const style: CSSProperties = { left: `${left * 100}%`, width: `max(4px, ${width * 100}%)` };
  const took = duration(bar.end - bar.start);
  return (
    <div className="oq-bar" data-tone={bar.tone} style={style} title={`${bar.label === "" ? "" : `${bar.label} · `}${took}`}>
      <span className="oq-said">
        {bar.label} {took}
      </span>
      <span className="oq-bar-label oq-clip" aria-hidden="true">
        {bar.label}
      </span>
    </div>
  );
}

/** What is running now, with what it last said. */
function RunningOutput({ run }: { readonly run: RunState }) {
  const running = run.todos.filter((todo) => todo.status === "running");
  return running.map((todo) => <RunningTodo key={todo.id} runId={run.runId} todo={todo} />);
}

function RunningTodo({ runId, todo }: { readonly runId: string; readonly todo: TodoState }) {
  const { act, pending, error } = useTodoActions(runId, todo);
  return (
    <article className="oq-running" aria-label={todo.title}>
      <header>
        <Mark tone={toneOf(todo)} label={wordOf(todo)} />
        <strong className="oq-clip">
          {todoNumber(todo.id)} · {todo.title}
        </strong>
        <code className="oq-faint">{todo.tool}</code>
        <span className="oq-time">
          <TodoTime todo={todo} />
        </span>
        <Button look="quiet" disabled={pending} onClick={() => act("stop")}>
          Stop
        </Button>
      </header>
      {error !== null && (
        <p className="oq-card-error" role="alert">
          {error}
        </p>
      )}
      <Progress runId={runId} todoId={todo.id} />
    </article>
  );
}
