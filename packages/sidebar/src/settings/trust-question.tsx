import type { ReplyData } from "@orquestra/protocol";
import { useSession } from "../hooks/session.ts";
import { useCommand } from "../hooks/use-command.ts";
import { type ReplyHandle, useReply } from "../hooks/use-reply.ts";
import { Button } from "../shell/button.tsx";

type WorkspaceItem = ReplyData<"workspace-list">["items"][number];

interface SessionWorkspace {
  /** The folder of this session as the server knows it; `null` while unknown or without a folder. */
  readonly workspace: WorkspaceItem | null;
  readonly refresh: ReplyHandle<"workspace-list">["refresh"];
}

export function useWorkspace(): SessionWorkspace {
  const path = useSession((state) => state.workspace);
  const { reply, refresh } = useReply("workspace-list", {}, { when: path !== null });
  return { workspace: reply.data?.items.find((item) => item.workspace === path) ?? null, refresh };
}

/** Asked once for each folder, in plain words for both answers. */
export function TrustQuestion() {
  const { workspace, refresh } = useWorkspace();
  const { state, send } = useCommand("workspace-trust");
  if (workspace === null || workspace.trusted !== null) return null;
  const answer = (trusted: boolean): void => send({ workspace: workspace.workspace, trusted }, refresh);
  return (
    <section className="oq-setup" aria-labelledby="oq-trust-title">
      <h2 id="oq-trust-title">Do you trust the text of files in this folder?</h2>
      <p className="oq-mono oq-faint">{workspace.workspace}</p>
      <dl className="oq-choices">
        <dt>If you do</dt>
        <dd>
          the model may follow what files here say, their rules files (AGENTS.md) are read, and in mode Workspace edits that can
          be undone run by themselves.
        </dd>
        <dt>If not</dt>
        <dd>the files can still be read, but whatever the model wants to change, run or send after that asks you first.</dd>
      </dl>
      {state.status === "failed" && <p className="oq-bad">{state.message}</p>}
      <footer>
        <Button disabled={state.status === "pending"} onClick={() => answer(true)}>
          I trust it
        </Button>
        <Button look="quiet" disabled={state.status === "pending"} onClick={() => answer(false)}>
          I do not
        </Button>
        <span className="oq-small oq-faint">You can change this in the menu at the top.</span>
      </footer>
    </section>
  );
}
