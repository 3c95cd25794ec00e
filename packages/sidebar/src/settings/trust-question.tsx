import { useCommand } from "../hooks/use-command.ts";
import { Button } from "../shell/button.tsx";
import { useWorkspace } from "./catalog.tsx";

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
        <dt>If so</dt>
        <dd>The model may follow what they say. In mode Workspace, edits that can be undone run by themselves.</dd>
        <dt>If not</dt>
        <dd>They can be read, but every change, command and request after that asks you first.</dd>
      </dl>
      {state.status === "failed" && <p className="oq-bad">{state.message}</p>}
      <footer>
        <Button disabled={state.status === "pending"} onClick={() => answer(true)}>
          I trust it
        </Button>
        <Button look="quiet" disabled={state.status === "pending"} onClick={() => answer(false)}>
          I do not
        </Button>
        <span className="oq-small oq-faint">Can be changed in the menu above.</span>
      </footer>
    </section>
  );
}
