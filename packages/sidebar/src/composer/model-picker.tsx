import { useSession } from "../hooks/session.ts";
import { useCommand } from "../hooks/use-command.ts";
import { type ModelItem, useIsDemo, useModels } from "../settings/catalog.tsx";
import { useOpenSetup } from "../settings/setup-context.ts";
import { type Choice, Picker } from "../shell/picker.tsx";

/** Which model answers. Those that would not work are shown with what is missing. */
export function ModelPicker() {
  const model = useSession((state) => state.model) ?? "";
  const { items: known, refresh } = useModels();
  const { state, send } = useCommand("session-update");
  const openSetup = useOpenSetup();
  const items = known ?? [];
  const isDemo = useIsDemo();
  return (
    <>
      <Picker
        label="Model"
        value={model}
        shown={shortModel(model)}
        choices={items.map(choiceOf)}
        onChoose={(chosen) => send({ model: chosen })}
        onOpen={refresh}
        more={{ label: "Set up a model…", onSelect: openSetup }}
      />
      {isDemo && (
        <span className="oq-badge" title="The demo model is no AI: it follows a script, with real tools on the real folder.">
          no AI
        </span>
      )}
      {state.status === "failed" && (
        <span className="oq-tools-error oq-small oq-bad" role="alert">
          {state.message}
        </span>
      )}
    </>
  );
}

function choiceOf(item: ModelItem): Choice {
  const demo = item.demo === true ? "A script with real tools. No AI, no key, no cost." : undefined;
  return {
    value: item.model,
    label: item.model,
    hint: demo ?? item.hint,
    unavailable: item.available ? undefined : (item.hint ?? "Not available"),
  };
}

/** "anthropic/claude-sonnet" → "claude-sonnet"; a chain shows its first. */
export function shortModel(model: string): string {
  const [first = ""] = model.split(",");
  return first.slice(first.indexOf("/") + 1) || "No model";
}
