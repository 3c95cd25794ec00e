import type { MessageItem, SessionItem } from "@orquestra/protocol";
import { useReply } from "../hooks/use-reply.ts";
import { useSettled } from "../hooks/use-settled.ts";
import { ago } from "../lib/format.ts";

interface SearchProps {
  readonly query: string;
  readonly sessions: readonly SessionItem[];
  readonly onOpen: (sessionId: string, messageId: string) => void;
}

/** Messages of all sessions that fit; the server searches. */
export function SearchResults({ query, sessions, onOpen }: SearchProps) {
  const settled = useSettled(query, 150);
  const { reply } = useReply("history-search", { query: settled, limit: 30 }, { when: settled !== "" });
  const titles = new Map(sessions.map((item) => [item.sessionId, item.title]));
  return (
    <div className="oq-rail-list" aria-busy={reply.status === "loading"}>
      {reply.status === "failed" && <p className="oq-rail-note oq-bad">{reply.message}</p>}
      {reply.status === "ready" && reply.data.items.length === 0 && (
        <p className="oq-rail-note">Nothing found for “{settled}”.</p>
      )}
      <ul aria-label="Results">
        {reply.data?.items.map((item) => (
          <li key={item.messageId} className="oq-session">
            <button type="button" className="oq-session-open" onClick={() => onOpen(item.sessionId, item.messageId)}>
              <span className="oq-clip">{titles.get(item.sessionId) || "Another session"}</span>
              <Excerpt item={item} query={settled} />
              <span className="oq-session-status">
                {item.role === "user" ? "you" : "answer"} · {ago(item.at, Date.now())}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

const around = 40;

/** As many whole words as two lines hold, and a sign where more follow. */
function shortened(text: string): string {
  return text.length <= 2 * around ? text : `${text.slice(0, 2 * around).replace(/\s+\S*$/, "")}…`;
}

/** The words around the first hit, the hit marked. Where the words do not stand together, the beginning. */
function Excerpt({ item, query }: { readonly item: MessageItem; readonly query: string }) {
  const words = query.split(/\s+/);
  const text = item.text.replace(/[*_`#>|]+/g, "").replace(/\s+/g, " ");
  const found = words.map((word) => ({ word, at: text.toLowerCase().indexOf(word.toLowerCase()) })).find(({ at }) => at >= 0);
  if (found === undefined) return <span className="oq-excerpt">{shortened(text)}</span>;
  const { word, at } = found;
  const start = Math.max(0, at - around);
  return (
    <span className="oq-excerpt">
      {start > 0 && "…"}
      {text.slice(start, at)}
      <mark>{text.slice(at, at + word.length)}</mark>
      {shortened(text.slice(at + word.length))}
    </span>
  );
}
