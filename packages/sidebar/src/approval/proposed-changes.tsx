import type { ApprovalState } from "@orquestra/protocol";
import { DiffFile } from "../diff/diff-file.tsx";
import { Stat } from "../diff/stat.tsx";
import { Argument } from "../shell/argument.tsx";
import { isOutside } from "./origin.ts";
import { Mark } from "../shell/mark.tsx";

/** Changes this small are shown without asking for it. */
const smallDiff = 24;

/** What the files would look like: a card for each, above the question. */
export function ProposedChanges({ runId, approval }: { readonly runId: string; readonly approval: ApprovalState }) {
  return approval.todos.flatMap((todo) =>
    (todo.diff ?? []).map((file) => (
      <details
        key={`${todo.todoId}:${file.path}`}
        className="oq-card"
        open={file.added + file.removed <= smallDiff}
        data-todo={`${runId}:${todo.todoId}`}
      >
        <summary className="oq-card-head">
          <Mark tone={isOutside(todo) ? "out" : "wait"} label="proposed" />
          <strong>{words[file.status]}</strong>
          <Argument text={file.path} />
          <span className="oq-time">
            <Stat added={file.added} removed={file.removed} />
          </span>
        </summary>
        <DiffFile file={file} />
      </details>
    )),
  );
}

const words = { created: "New file", changed: "Change", deleted: "Delete" } as const;
