import { type KeyboardEvent, type RefObject, useState } from "react";
import { Icon } from "../shell/icon.tsx";
import { Logo } from "../shell/logo.tsx";
import { groupSessions } from "./group.ts";
import { SearchResults } from "./search-results.tsx";
import { SessionRow } from "./session-row.tsx";
import { useSessions } from "./use-sessions.ts";
import { RefreshOnNews } from "./refresh-on-news.tsx";

interface RailProps {
  readonly current: string | null;
  readonly onOpen: (sessionId: string, messageId?: string) => void;
  readonly onNew: () => void;
  /** The open session is gone. */
  readonly onGone: () => void;
  readonly search: RefObject<HTMLInputElement | null>;
}

/** All sessions, by folder, with what waits for the person. */
export function Rail({ current, onOpen, onNew, onGone, search }: RailProps) {
  const [query, setQuery] = useState("");
  const [archived, setArchived] = useState(false);
  const sessions = useSessions(archived);
  const onChanged = (gone: string | null): void => {
    sessions.refresh();
    if (gone !== null && gone === current) onGone();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || query === "") return;
    setQuery("");
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <nav className="oq-rail" aria-label="Sessions">
      <div className="oq-brand">
        <Logo /> Orquestra
      </div>
      <button type="button" className="oq-new" onClick={onNew}>
        New session <kbd>Alt N</kbd>
      </button>
      <label className="oq-search">
        <Icon name="search" />
        <span className="oq-said">Search all sessions</span>
        <input
          ref={search}
          type="search"
          placeholder="Search"
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <kbd>Ctrl K</kbd>
      </label>
      {current !== null && <RefreshOnNews onNews={sessions.refresh} />}
      {query.trim() === "" ? (
        <div className="oq-rail-list">
          {sessions.status === "failed" && <p className="oq-rail-note oq-bad">{sessions.message}</p>}
          {sessions.status === "ready" && sessions.items.length === 0 && (
            <p className="oq-rail-note">{archived ? "Nothing is archived." : "No sessions yet."}</p>
          )}
          {groupSessions(sessions.items).map((group) => (
            <section key={group.workspace ?? ""} aria-label={group.name}>
              <h2 title={group.workspace ?? undefined}>{group.name}</h2>
              <ul>
                {group.sessions.map((item) => (
                  <SessionRow
                    key={item.sessionId}
                    item={item}
                    current={item.sessionId === current}
                    onOpen={onOpen}
                    onChanged={onChanged}
                  />
                ))}
              </ul>
            </section>
          ))}
          {sessions.more !== null && (
            <button type="button" className="oq-link oq-rail-note" onClick={sessions.more}>
              Show older
            </button>
          )}
        </div>
      ) : (
        <SearchResults query={query.trim()} sessions={sessions.items} onOpen={onOpen} />
      )}
      <div className="oq-rail-foot">
        <button type="button" className="oq-link" onClick={() => setArchived(!archived)}>
          {archived ? "Back to sessions" : "Archived"}
        </button>
      </div>
    </nav>
  );
}
