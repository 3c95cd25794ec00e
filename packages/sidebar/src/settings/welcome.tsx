import { useSession } from "../hooks/session.ts";
import { useCommand } from "../hooks/use-command.ts";
import { baseName } from "../lib/format.ts";
import { Icon } from "../shell/icon.tsx";
import { Logo } from "../shell/logo.tsx";
import { useIsDemo, useWorkspace } from "./catalog.tsx";
import { ModelSetup } from "./model-setup.tsx";
import { TrustQuestion } from "./trust-question.tsx";

const inFolder = [
  "What is this project, and how is it built?",
  "Find every TODO and tell me which three matter most.",
  "Find the largest source files and what each is for.",
];
const forDemo = ["List the files.", "Find TODO.", "Read README.md."];
const withoutFolder = [
  "What can you do here?",
  "Which tools can you use, and which of them ask first?",
  "Help me write a short project plan.",
];

/** A session nobody has written in yet: what is open questions first, then three things to try. */
export function Welcome() {
  const workspace = useSession((state) => state.workspace);
  const { state, send } = useCommand("message-send");
  // One question at a time: first the folder, then the model.
  const asksTrust = useWorkspace().workspace?.trusted === null;
  const isDemo = useIsDemo();
  const examples = workspace === null ? withoutFolder : isDemo ? forDemo : inFolder;
  return (
    <div className="oq-welcome" tabIndex={0} role="region" aria-label="Start">
      <div className="oq-hello">
        <Logo />
        <h2>{workspace === null ? "A new session" : baseName(workspace)}</h2>
        <p className="oq-muted">
          {workspace === null
            ? "Without a folder: nothing on this machine can be read or changed."
            : "Say what to do. You see the plan, and nothing that cannot be undone happens without you."}
        </p>
      </div>
      {asksTrust ? <TrustQuestion /> : <ModelSetup />}
      <ul className="oq-examples" aria-label="Examples">
        {examples.map((text) => (
          <li key={text}>
            <button type="button" disabled={state.status === "pending"} onClick={() => send({ text })}>
              {text} <Icon name="chevron" />
            </button>
          </li>
        ))}
      </ul>
      {state.status === "failed" && <p className="oq-bad">{state.message}</p>}
    </div>
  );
}
