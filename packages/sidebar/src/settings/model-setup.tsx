import { useState } from "react";
import { useSession } from "../hooks/session.ts";
import { useCommand } from "../hooks/use-command.ts";
import { Button } from "../shell/button.tsx";
import { Select } from "../shell/select.tsx";
import { useModal } from "../shell/use-modal.ts";
import { type ModelItem, useModels } from "./catalog.tsx";
import { ConnectForm } from "./connect-form.tsx";

/** Which model: what was found on this machine, for one click; a key to paste; or the demo. Nothing is sent before that. */
export function ModelSetup() {
  const model = useSession((state) => state.model) ?? "";
  const { items } = useModels();
  const current = items?.find((item) => item.model === model);
  const works = current !== undefined && current.available && current.demo !== true;
  if (items === null || works) return null;
  return (
    <section className="oq-setup" aria-label="Model">
      <ModelSetupBody items={items} first />
    </section>
  );
}

/** The same at any time, asked for by the person. */
export function ModelDialog({ onClose }: { readonly onClose: () => void }) {
  const dialog = useModal();
  const { items } = useModels();
  return (
    <dialog ref={dialog} className="oq oq-dialog oq-model-dialog" aria-label="Set up a model" onClose={onClose}>
      <div className="oq-setup">
        <ModelSetupBody items={items ?? []} first={false} />
      </div>
      <footer>
        <Button onClick={() => dialog.current?.close()}>Done</Button>
      </footer>
    </dialog>
  );
}

interface SetupProps {
  readonly items: readonly ModelItem[];
  /** Nothing was chosen yet, hence nothing sent. */
  readonly first: boolean;
}

function ModelSetupBody({ items, first }: SetupProps) {
  const { refresh } = useModels();
  const [pasting, setPasting] = useState(false);
  const found = items.filter((item) => item.available && item.demo !== true);
  return (
    <>
      <h2>{found.length > 0 ? "Which model should answer?" : "No model is set up yet"}</h2>
      <p className="oq-muted">
        {found.length > 0
          ? `Found on this machine.${first ? " Nothing has been sent to any of them." : ""}`
          : "The demo model follows a script, with real tools on the real folder. It is no AI. For answers, paste a key."}
      </p>
      {found.length > 0 && <FoundModels found={found} />}
      {pasting ? (
        <ConnectForm onConnected={refresh} onClose={() => setPasting(false)} />
      ) : (
        <footer>
          <Button look={found.length > 0 ? "quiet" : "plain"} onClick={() => setPasting(true)}>
            Paste a key…
          </Button>
        </footer>
      )}
    </>
  );
}

function FoundModels({ found }: { readonly found: readonly ModelItem[] }) {
  const providers = [...new Set(found.map((item) => item.provider))];
  return (
    <ul className="oq-found">
      {providers.map((provider) => (
        <FoundProvider key={provider} provider={provider} models={found.filter((item) => item.provider === provider)} />
      ))}
    </ul>
  );
}

interface FoundProviderProps {
  readonly provider: string;
  readonly models: readonly ModelItem[];
}

function FoundProvider({ provider, models }: FoundProviderProps) {
  const [chosen, setChosen] = useState(models[0]?.model ?? "");
  const { state, send } = useCommand("session-update");
  const hint = models.find((item) => item.hint !== undefined)?.hint;
  return (
    <li>
      <div className="oq-found-name">
        <strong>{providerName(provider)}</strong>
        {hint !== undefined && <span className="oq-small oq-faint">{hint}</span>}
        {state.status === "failed" && <span className="oq-small oq-bad">{state.message}</span>}
      </div>
      <Select
        aria-label={`Model of ${providerName(provider)}`}
        value={chosen}
        onChange={(event) => setChosen(event.target.value)}
      >
        {models.map((item) => (
          <option key={item.model} value={item.model}>
            {item.model.slice(item.model.indexOf("/") + 1)}
          </option>
        ))}
      </Select>
      <Button disabled={state.status === "pending"} onClick={() => send({ model: chosen })}>
        Use it
      </Button>
    </li>
  );
}

const names: Readonly<Record<string, string>> = {
  openai: "OpenAI",
  anthropic: "Anthropic",
  compatible: "Local or compatible server",
  cursor: "Cursor",
};

export function providerName(provider: string): string {
  return names[provider] ?? provider;
}
