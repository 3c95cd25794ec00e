import type { SessionItem } from "@orquestra/protocol";
import { type RefObject, useEffect, useRef, useState } from "react";
import { useCommand } from "../hooks/use-command.ts";
import { Confirm } from "../shell/confirm.tsx";
import { Icon } from "../shell/icon.tsx";
import { Menu } from "../shell/menu.tsx";
import { TitleField } from "../shell/title-field.tsx";
import { LiveStatus, SessionStatus } from "./session-status.tsx";

interface SessionRowProps {
  readonly item: SessionItem;
  readonly current: boolean;
  readonly onOpen: (sessionId: string) => void;
  /** Something was changed; `gone` names a session that was archived or deleted. */
  readonly onChanged: (gone: string | null) => void;
}

export function SessionRow({ item, current, onOpen, onChanged }: SessionRowProps) {
  const { sessionId, title, archived } = item;
  const row = useSeen(current);
  const [doing, setDoing] = useState<"nothing" | "renaming" | "renamed" | "deleting">("nothing");
  const update = useCommand("session-update", sessionId);
  const remove = useCommand("session-delete", sessionId);
  const failed = [update.state, remove.state].find((state) => state.status === "failed");
  const archive = (): void => update.send({ archived: !archived }, () => onChanged(archived ? null : sessionId));
  const rename = (next: string, left: boolean): void => {
    setDoing(left ? "nothing" : "renamed");
    if (next !== "" && next !== title) update.send({ title: next }, () => onChanged(null));
  };
  return (
    <li ref={row} className="oq-session" aria-current={current ? "page" : undefined}>
      {doing === "renaming" ? (
        <TitleField title={title} onDone={rename} />
      ) : (
        <button type="button" className="oq-session-open" autoFocus={doing === "renamed"} onClick={() => onOpen(sessionId)}>
          <span className="oq-clip">{title || "New session"}</span>
          {current ? <LiveStatus item={item} /> : <SessionStatus item={item} />}
          {failed?.status === "failed" && <span className="oq-small oq-bad">{failed.message}</span>}
        </button>
      )}
      <Menu
        label={`What to do with “${title || "New session"}”`}
        items={[
          { label: "Rename", onSelect: () => setDoing("renaming") },
          { label: archived ? "Take out of the archive" : "Archive", onSelect: archive },
          { label: "Delete…", tone: "bad", onSelect: () => setDoing("deleting") },
        ]}
      >
        <Icon name="more" />
      </Menu>
      {doing === "deleting" && (
        <Confirm
          title="Delete this session?"
          action="Delete it"
          onClose={() => setDoing("nothing")}
          onConfirm={() => remove.send({}, () => onChanged(sessionId))}
        >
          “{title || "New session"}” goes with all its messages. Files it changed stay as they are, and can then no longer be
          undone from here.
        </Confirm>
      )}
    </li>
  );
}

/** The open session is in sight, however far down its place in the list is. Only when it is opened: never under the hand. */
function useSeen(current: boolean): RefObject<HTMLLIElement | null> {
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (current) row.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  return row;
}
