import type { KnownFile, LateResult, TodoState } from "@orquestra/protocol";
import { useRef } from "react";
import { useReportSight } from "../approval/sight.ts";
import { useCommand } from "../hooks/use-command.ts";
import { reveal } from "../lib/invisible.ts";
import { resultText } from "../lib/value.ts";
import { Breakable } from "../shell/breakable.tsx";
import { Button } from "../shell/button.tsx";

interface UnknownProps {
  readonly runId: string;
  readonly todo: TodoState;
}

/** After a crash nobody but the person can know whether the effect happened: what is known, and three ways on. */
export function UnknownQuestion({ runId, todo }: UnknownProps) {
  const box = useRef<HTMLDivElement>(null);
  const { state, send } = useCommand("todo-resolve");
  useReportSight(`${runId}:${todo.id}`, box);
  const target = { runId, todoId: todo.id };
  const pending = state.status === "pending";
  return (
    <div ref={box} className="oq-unknown" role="group" aria-label="Was it done?">
      <Files files={todo.facts?.files ?? []} />
      {todo.late !== undefined && <Late late={todo.late} />}
      <p>{questionOf(todo)}</p>
      <div className="oq-unknown-answers">
        <Button disabled={pending} onClick={() => send({ ...target, outcome: "done" })}>
          It was done
        </Button>
        <Button disabled={pending} onClick={() => send({ ...target, outcome: "run_again" })}>
          Run it again
        </Button>
        <Button look="quiet" disabled={pending} onClick={() => send({ ...target, outcome: "skip" })}>
          Skip it
        </Button>
      </div>
      {state.status === "failed" && (
        <p className="oq-bad" role="alert">
          {state.message}
        </p>
      )}
    </div>
  );
}

/** Where something speaks for an answer it is said, but the answer is the person's. */
function questionOf({ facts, late }: TodoState): string {
  if (late !== undefined) return "That came too late to count by itself. What shall it be?";
  const files = facts?.files ?? [];
  if (files.length > 0 && files.every(({ state }) => state === "after")) return "So it was probably done. Was it?";
  return "Nobody can tell from here whether it was done. Please look, then say:";
}

const fileWords: Readonly<Record<KnownFile["state"], string>> = {
  before: "as it was before",
  after: "as it was meant to be",
  other: "neither as before nor as meant",
  missing: "not there any more",
};

const fileTones = { before: "idle", after: "ok", other: "wait", missing: "wait" } as const;

function Files({ files }: { readonly files: readonly KnownFile[] }) {
  if (files.length === 0) return null;
  return (
    <ul className="oq-unknown-files" aria-label="Its files now">
      {files.map(({ path, state }) => (
        <li key={path} data-tone={fileTones[state]}>
          <code>
            <Breakable text={path} />
          </code>
          <span>{fileWords[state]}</span>
        </li>
      ))}
    </ul>
  );
}

const lateWords: Readonly<Record<LateResult["status"], string>> = {
  completed: "it completed",
  failed: "it failed",
  cancelled: "it was stopped",
  unknown: "it does not know either",
};

function Late({ late }: { readonly late: LateResult }) {
  const text = late.error?.message ?? (late.preview === undefined ? "" : resultText(late.preview));
  return (
    <div className="oq-unknown-late">
      <p>
        An earlier process reports: <strong>{lateWords[late.status]}</strong>
      </p>
      {text.trim() !== "" && (
        <pre tabIndex={0} aria-label="What it reports">
          {reveal(text)}
        </pre>
      )}
    </div>
  );
}
