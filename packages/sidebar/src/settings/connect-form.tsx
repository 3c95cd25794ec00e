import { type FormEvent, useId, useState } from "react";
import { useCommand } from "../hooks/use-command.ts";
import { plural } from "../lib/format.ts";
import { Button } from "../shell/button.tsx";
import { Select } from "../shell/select.tsx";

type Provider = "openai" | "anthropic" | "compatible";

interface ConnectFormProps {
  readonly onConnected: () => void;
  readonly onClose: () => void;
}

/** A pasted key goes to the server, is stored in a file only the owner can read, and is tried at once. */
export function ConnectForm({ onConnected, onClose }: ConnectFormProps) {
  const id = useId();
  const [provider, setProvider] = useState<Provider>("anthropic");
  const [key, setKey] = useState("");
  const [address, setAddress] = useState("");
  const [models, setModels] = useState<readonly string[] | null>(null);
  const { state, send } = useCommand("model-connect");
  const local = provider === "compatible";
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const baseUrl = address.trim();
    send({ provider, ...(key === "" ? {} : { key: key.trim() }), ...(baseUrl === "" ? {} : { baseUrl }) }, (reply) => {
      setKey("");
      setModels(reply.models);
      onConnected();
    });
  };
  if (models !== null) {
    return <p role="status">It works: {plural(models.length, "model")} can be used now. Choose one above or below.</p>;
  }
  return (
    <form className="oq-connect" onSubmit={submit}>
      <label htmlFor={`${id}-provider`}>Provider</label>
      <Select id={`${id}-provider`} value={provider} onChange={(event) => setProvider(providerOf(event.target.value))}>
        <option value="anthropic">Anthropic</option>
        <option value="openai">OpenAI</option>
        <option value="compatible">Local or compatible server</option>
      </Select>
      {local && (
        <>
          <label htmlFor={`${id}-address`}>Address</label>
          <input
            id={`${id}-address`}
            className="oq-field oq-mono"
            type="url"
            required
            placeholder="http://127.0.0.1:11434/v1"
            value={address}
            onChange={(event) => setAddress(event.target.value)}
          />
        </>
      )}
      <label htmlFor={`${id}-key`}>{local ? "Key, if it wants one" : "Key"}</label>
      <input
        id={`${id}-key`}
        className="oq-field oq-mono"
        type="password"
        autoComplete="off"
        spellCheck={false}
        required={!local}
        value={key}
        onChange={(event) => setKey(event.target.value)}
      />
      {state.status === "failed" && (
        <p className="oq-bad" role="alert">
          {explain(state.message)}
        </p>
      )}
      <footer>
        <Button type="submit" disabled={state.status === "pending"}>
          {state.status === "pending" ? "Trying it…" : "Try and keep it"}
        </Button>
        <Button look="quiet" onClick={onClose}>
          Back
        </Button>
      </footer>
    </form>
  );
}

function providerOf(value: string): Provider {
  return value === "openai" || value === "compatible" ? value : "anthropic";
}

/** The server's words first; what the two usual numbers mean behind them. */
function explain(message: string): string {
  if (/\b401\b/.test(message))
    return `${message} The provider does not know this key: it may be mistyped, revoked, or of another provider.`;
  if (/\b429\b/.test(message))
    return `${message} The key is right, but its account has no credit left or asks too often just now.`;
  return message;
}
