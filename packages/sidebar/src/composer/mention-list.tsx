import { useEffect, useId, useState } from "react";
import { useReply } from "../hooks/use-reply.ts";
import { useSettled } from "../hooks/use-settled.ts";
import { type Mention, matchRuns } from "./mention.ts";

export interface MentionHandle {
  readonly open: boolean;
  readonly query: string;
  readonly paths: readonly string[];
  readonly active: number;
  readonly listId: string;
  readonly optionId: (index: number) => string;
  readonly move: (by: number) => void;
  readonly close: () => void;
}

const shownFiles = 8;

/** Files that fit what is typed behind `@`. The server finds and ranks them. */
export function useMentions(mention: Mention | null): MentionHandle {
  const listId = useId();
  const key = mention === null ? "" : `${mention.start}:${mention.query}`;
  const [closedAt, setClosedAt] = useState<number | null>(null);
  const [picked, setPicked] = useState({ key: "", active: 0 });
  const query = useSettled(mention?.query ?? "", 60);
  const { reply } = useReply("workspace-files", { query, limit: shownFiles }, { when: mention !== null });
  useEffect(() => {
    if (mention === null) setClosedAt(null);
  }, [mention]);
  const paths = mention === null ? [] : (reply.data?.paths ?? []);
  const active = picked.key === key ? Math.min(picked.active, paths.length - 1) : 0;
  return {
    open: mention !== null && mention.start !== closedAt && paths.length > 0,
    query: mention?.query ?? "",
    paths,
    active,
    listId,
    optionId: (index) => `${listId}-${index}`,
    move: (by) => setPicked({ key, active: (active + by + paths.length) % paths.length }),
    close: () => setClosedAt(mention?.start ?? null),
  };
}

interface MentionListProps {
  readonly mentions: MentionHandle;
  readonly onChoose: (path: string) => void;
}

export function MentionList({ mentions, onChoose }: MentionListProps) {
  if (!mentions.open) return null;
  return (
    <ul id={mentions.listId} className="oq-mentions" role="listbox" aria-label="Files">
      {mentions.paths.map((path, index) => (
        <li
          key={path}
          id={mentions.optionId(index)}
          role="option"
          aria-selected={index === mentions.active}
          className="oq-mention oq-clip oq-clip-start"
          title={path}
          // Pressing must not take the focus from the text.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onChoose(path)}
        >
          <bdi>
            {matchRuns(path, mentions.query).map((run, place) => (run.matched ? <b key={place}>{run.text}</b> : run.text))}
          </bdi>
        </li>
      ))}
    </ul>
  );
}
