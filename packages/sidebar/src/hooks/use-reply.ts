import type { CommandData, CommandType, ReplyData } from "@orquestra/protocol";
import { use, useCallback, useEffect, useRef, useState } from "react";
import { messageOf } from "../lib/error.ts";
import { SessionContext, useClient } from "./context.ts";

export type ReplyState<T> =
  | { readonly status: "loading"; readonly data: T | null }
  | { readonly status: "ready"; readonly data: T }
  | { readonly status: "failed"; readonly data: T | null; readonly message: string };

export interface ReplyHandle<T extends CommandType> {
  readonly reply: ReplyState<ReplyData<T>>;
  readonly refresh: () => void;
}

interface Asking {
  /** False: do not ask (yet). */
  readonly when?: boolean;
  readonly sessionId?: string;
  /** Ask again every so many milliseconds while the page is visible. */
  readonly everyMs?: number;
}

/** Asks the server and keeps the answer; asks again when `data` changes. The last answer stays while a new one is on its way. */
export function useReply<T extends CommandType>(type: T, data: CommandData<T>, asking: Asking = {}): ReplyHandle<T> {
  const client = useClient();
  const around = use(SessionContext)?.sessionId;
  const sessionId = asking.sessionId ?? around;
  const { when = true, everyMs } = asking;
  const [reply, setReply] = useState<ReplyState<ReplyData<T>>>({ status: "loading", data: null });
  const [round, setRound] = useState(0);
  const body = useStable(data);
  const refresh = useCallback(() => setRound((last) => last + 1), []);

  useEffect(() => {
    if (!when) return;
    const abort = new AbortController();
    const options = { signal: abort.signal, ...(sessionId === undefined ? {} : { sessionId }) };
    client.command(type, body, options).then(
      (answer) => {
        if (!abort.signal.aborted) setReply({ status: "ready", data: answer });
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        setReply((last) => ({ status: "failed", data: last.data, message: messageOf(error) }));
      },
    );
    return () => abort.abort();
  }, [client, type, body, sessionId, when, round]);

  useEffect(() => {
    if (everyMs === undefined || !when) return;
    const timer = setInterval(() => document.visibilityState === "visible" && refresh(), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, when, refresh]);

  return { reply, refresh };
}

/** The same object as long as it says the same. */
function useStable<D>(data: D): D {
  const kept = useRef({ key: JSON.stringify(data), data });
  const key = JSON.stringify(data);
  if (kept.current.key !== key) kept.current = { key, data };
  return kept.current.data;
}
