import { useCallback, useEffect, useState } from "react";
import { useClient } from "../hooks/context.ts";
import { messageOf } from "../lib/error.ts";

interface StartSession {
  readonly startNew: () => void;
  readonly openNewest: () => void;
  readonly error: string | null;
}

/** Opens sessions: a new one (an empty one is used again rather than left behind), or the newest there is. */
export function useStartSession(current: string | null, onOpen: (sessionId: string) => void): StartSession {
  const client = useClient();
  const [error, setError] = useState<string | null>(null);
  const start = useCallback(
    async (fresh: boolean) => {
      const { items } = await client.command("session-list", { limit: 1 });
      const [newest] = items;
      if (newest !== undefined && (!fresh || newest.status === null)) return newest.sessionId;
      return (await client.command("session-create", {})).sessionId;
    },
    [client],
  );
  const open = useCallback(
    (fresh: boolean) => {
      setError(null);
      start(fresh).then(onOpen, (failure: unknown) => setError(messageOf(failure)));
    },
    [start, onOpen],
  );
  const startNew = useCallback(() => open(true), [open]);
  const openNewest = useCallback(() => open(false), [open]);
  useEffect(() => {
    if (current === null) openNewest();
  }, [current, openNewest]);
  return { startNew, openNewest, error };
}
