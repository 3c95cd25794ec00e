import type { SessionItem } from "@orquestra/protocol";
import { useState } from "react";
import { useCommand } from "../hooks/use-command.ts";
import { useReply } from "../hooks/use-reply.ts";

const pageSize = 100;
/** Only the open session is live; the others are asked for this often. */
const refreshMs = 5_000;

export interface SessionsHandle {
  readonly items: readonly SessionItem[];
  readonly status: "loading" | "ready" | "failed";
  readonly message: string;
  readonly refresh: () => void;
  /** Loads the next page; `null` when there is none. */
  readonly more: (() => void) | null;
}

export function useSessions(archived: boolean): SessionsHandle {
  const { reply, refresh } = useReply(
    "session-list",
    { limit: pageSize, ...(archived ? { archived } : {}) },
    { everyMs: refreshMs },
  );
  const [older, setOlder] = useState<{ readonly items: readonly SessionItem[]; readonly cursor: string | undefined } | null>(
    null,
  );
  const { send } = useCommand("session-list");
  const cursor = older === null ? reply.data?.cursor : older.cursor;
  const first = reply.data?.items ?? [];
  const known = new Set(first.map((item) => item.sessionId));
  const load = (from: string): void =>
    send({ limit: pageSize, cursor: from, ...(archived ? { archived } : {}) }, (page) =>
      setOlder((last) => ({ items: [...(last?.items ?? []), ...page.items], cursor: page.cursor })),
    );
  return {
    items: [...first, ...(older?.items.filter((item) => !known.has(item.sessionId)) ?? [])],
    status: reply.status === "loading" && reply.data !== null ? "ready" : reply.status,
    message: reply.status === "failed" ? reply.message : "",
    refresh,
    more: cursor === undefined ? null : () => load(cursor),
  };
}
