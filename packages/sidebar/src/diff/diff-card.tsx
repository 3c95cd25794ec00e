import type { DiffHunk, ReplyData } from "@orquestra/protocol";
import { useState } from "react";
import { useRun } from "../hooks/session.ts";
import { useCommand } from "../hooks/use-command.ts";
import { useReply } from "../hooks/use-reply.ts";
import { baseName } from "../lib/format.ts";
import { Button } from "../shell/button.tsx";
import { DiffFile } from "./diff-file.tsx";
import { Stat } from "./stat.tsx";

type ChangedFile = ReplyData<"checkpoint-diff">["files"][number];

interface DiffCardProps {
  readonly runId: string;
  readonly todoId: string;
}

/** What a todo changed, with undo for each hunk and for all of it. The server applies; it refuses rather than overwrite. */
export function DiffCard({ runId, todoId }: DiffCardProps) {
  const restored = useRestored(runId, todoId);
  const { reply, refresh } = useReply("checkpoint-diff", { runId, todoId });
  const { state, send } = useCommand("checkpoint-restore");
  const [conflicts, setConflicts] = useState<ReplyData<"checkpoint-restore">["conflicts"]>([]);
  const [seen, setSeen] = useState(restored);
  if (seen !== restored) {
    setSeen(restored);
    refresh();
  }
  const restore = (what: { readonly path?: string; readonly hunks?: string[]; readonly redo?: boolean }): void =>
    send({ runId, todoId, ...what }, (answer) => {
      setConflicts(answer.conflicts);
      refresh();
    });
  const files = reply.data?.files ?? [];
  return (
    <div className="oq-diff-card" aria-busy={reply.status === "loading"}>
      {reply.status === "loading" && files.length === 0 && <p className="oq-pad oq-faint">Loading the change…</p>}
      {reply.status === "failed" && <p className="oq-pad oq-bad">{reply.message}</p>}
      {files.map((file) => (
        <ChangedFileView
          key={file.path}
          file={file}
          only={files.length === 1}
          busy={state.status === "pending"}
          onRestore={restore}
        />
      ))}
      {files.length > 1 && <WholeTodo files={files} busy={state.status === "pending"} onRestore={restore} />}
      {state.status === "failed" && <p className="oq-pad oq-bad">{state.message}</p>}
      {conflicts.map((conflict) => (
        <p key={conflict.path} className="oq-pad oq-bad" role="alert">
          <code>{conflict.path}</code> was left as it is: {conflict.message}
        </p>
      ))}
    </div>
  );
}

/** Changes whenever the log says that something was undone or redone, by whomever. */
function useRestored(runId: string, todoId: string): string {
  const checkpoints = useRun(runId)?.checkpoints ?? [];
  return checkpoints
    .filter((checkpoint) => checkpoint.todoId === todoId)
    .map(({ path, restored, hunks = [], added, removed }) => `${path}:${restored}:${hunks.join()}:${added}:${removed}`)
    .join("\n");
}

interface ChangedFileProps {
  readonly file: ChangedFile;
  readonly only: boolean;
  readonly busy: boolean;
  readonly onRestore: (what: { readonly path: string; readonly hunks?: string[]; readonly redo?: boolean }) => void;
}

function ChangedFileView({ file, only, busy, onRestore }: ChangedFileProps) {
  const { path } = file;
  const many = file.hunks.length > 1;
  const hunkFoot = (hunk: DiffHunk, index: number) => {
    const redo = file.undone?.includes(hunk.id) ?? false;
    return (
      <div className="oq-hunk-foot">
        <span>
          Change {index + 1} of {file.hunks.length}
          {redo && " · undone"}
        </span>
        <Button
          look={redo ? "plain" : "quiet"}
          disabled={busy}
          aria-label={`${redo ? "Redo" : "Undo"} change ${index + 1} of ${path}`}
          onClick={() => onRestore({ path, hunks: [hunk.id], redo })}
        >
          {redo ? "Redo" : "Undo"}
        </Button>
      </div>
    );
  };
  return (
    <section className="oq-changed" data-restored={file.restored} aria-label={path}>
      {!only && (
        <header>
          <code className="oq-clip" title={path}>
            {path}
          </code>
          <span className="oq-time">
            <Stat added={file.added} removed={file.removed} />
          </span>
        </header>
      )}
      <DiffFile file={file} {...(many && !file.restored ? { hunkFoot } : {})} />
      <div className="oq-hunk-foot">
        <span>{file.restored ? "Undone" : wordFor(file)}</span>
        <Button
          look={file.restored ? "plain" : "quiet"}
          disabled={busy}
          aria-label={`${file.restored ? "Redo" : "Undo"} ${path}`}
          onClick={() => onRestore({ path, redo: file.restored })}
        >
          {file.restored ? "Redo" : many ? "Undo all" : "Undo"}
        </Button>
      </div>
    </section>
  );
}

interface WholeTodoProps {
  readonly files: readonly ChangedFile[];
  readonly busy: boolean;
  readonly onRestore: (what: { readonly redo: boolean }) => void;
}

/** All files of a todo at once. */
function WholeTodo({ files, busy, onRestore }: WholeTodoProps) {
  const undone = files.every((file) => file.restored);
  return (
    <div className="oq-hunk-foot">
      <span>{files.length} files</span>
      <Button look="quiet" disabled={busy} onClick={() => onRestore({ redo: undone })}>
        {undone ? "Redo all of them" : "Undo all of them"}
      </Button>
    </div>
  );
}

function wordFor(file: ChangedFile): string {
  if (file.status === "created") return `New file ${baseName(file.path)}`;
  return file.status === "deleted" ? `Deleted ${baseName(file.path)}` : `Changed ${baseName(file.path)}`;
}
