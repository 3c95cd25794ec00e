import { type ReactNode, useState } from "react";
import { useSession } from "../hooks/session.ts";
import { useCommand } from "../hooks/use-command.ts";
import { useWorkspace } from "../settings/catalog.tsx";
import { Icon } from "./icon.tsx";
import { Menu, type MenuItem } from "./menu.tsx";
import { TitleField } from "./title-field.tsx";
import { UsageRing } from "./usage-ring.tsx";

interface HeaderProps {
  readonly menu: readonly MenuItem[];
  readonly leading: ReactNode;
}

/** Title, how full the context is, and the menu. */
export function Header({ menu, leading }: HeaderProps) {
  const title = useSession((state) => state.title) ?? "";
  const [editing, setEditing] = useState<"no" | "yes" | "done">("no");
  const update = useCommand("session-update");
  const trust = useTrustItems();
  const edit = (): void => setEditing("yes");
  const save = (next: string, left: boolean): void => {
    setEditing(left ? "no" : "done");
    if (next !== "" && next !== title) update.send({ title: next });
  };
  return (
    <header className="oq-head">
      {leading}
      {editing === "yes" ? (
        <>
          <h1 className="oq-said">{title}</h1>
          <TitleField title={title} className="oq-title-field" onDone={save} />
        </>
      ) : (
        <h1 className="oq-clip">
          <button
            type="button"
            className="oq-title oq-clip"
            title={update.state.status === "failed" ? update.state.message : "Rename"}
            autoFocus={editing === "done"}
            onClick={edit}
          >
            {title || "New session"}
          </button>
        </h1>
      )}
      <UsageRing />
      <Menu label="More" items={[{ label: "Rename", onSelect: edit }, ...trust, ...menu]}>
        <Icon name="more" />
      </Menu>
    </header>
  );
}

/** The trust of the folder can be changed at any time, once it was decided. */
function useTrustItems(): readonly MenuItem[] {
  const { workspace, refresh } = useWorkspace();
  const { send } = useCommand("workspace-trust");
  if (workspace === null || workspace.trusted === null) return [];
  const trusted = !workspace.trusted;
  const label = trusted ? `Trust the files of ${workspace.name}` : `Stop trusting the files of ${workspace.name}`;
  return [{ label, onSelect: () => send({ workspace: workspace.workspace, trusted }, refresh) }];
}
