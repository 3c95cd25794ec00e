import type { Mode } from "@orquestra/protocol";
import { useSession } from "../hooks/session.ts";
import { useCommand } from "../hooks/use-command.ts";
import { type Choice, Picker } from "../shell/picker.tsx";

export const modeChoices: readonly (Choice & { readonly value: Mode })[] = [
  { value: "plan", label: "Plan", hint: "Only looks and plans. Nothing is changed." },
  { value: "ask", label: "Ask", hint: "Asks before every change, command and request." },
  {
    value: "workspace",
    label: "Workspace",
    hint: "Edits that can be undone and sandboxed commands in the folder run by themselves.",
  },
  { value: "headless", label: "Headless", hint: "Nobody is asked: what would ask is refused." },
];

/** How much may happen without asking. The server knows the ceiling and refuses what is above it. */
export function ModePicker() {
  const mode = useSession((state) => state.mode) ?? "ask";
  const { state, send } = useCommand("session-update");
  const choose = (value: string): void => {
    const chosen = modeChoices.find((choice) => choice.value === value);
    if (chosen !== undefined) send({ mode: chosen.value });
  };
  const shown = modeChoices.find((choice) => choice.value === mode)?.label ?? mode;
  return (
    <>
      <Picker label="Mode" value={mode} shown={shown} choices={modeChoices} onChoose={choose} />
      {state.status === "failed" && (
        <span className="oq-tools-error oq-small oq-bad" role="alert">
          {state.message}
        </span>
      )}
    </>
  );
}
