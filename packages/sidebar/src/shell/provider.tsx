import type { OrquestraClient } from "@orquestra/client";
import { createContext, type ReactNode, type RefObject, use, useCallback, useMemo, useRef, useState } from "react";
import { SightContext, createSight } from "../approval/sight.ts";
import { ClientContext, SessionContext } from "../hooks/context.ts";
import { type Reveal, RevealContext } from "../hooks/reveal.ts";
import type { ThreadHandle } from "../thread/thread.tsx";

const ThreadContext = createContext<RefObject<ThreadHandle | null>>({ current: null });

/** Where the thread puts its handle, so that the plan, the score and the pinned bar can point into it. */
export function useThreadRef(): RefObject<ThreadHandle | null> {
  return use(ThreadContext);
}

interface ProviderProps {
  readonly client: OrquestraClient;
  /** The session shown; `null` while there is none. */
  readonly sessionId: string | null;
  readonly children: ReactNode;
}

/** What every component below needs: the connection, the session, and how to point at things. */
export function OrquestraProvider({ client, sessionId, children }: ProviderProps) {
  const store = useMemo(() => (sessionId === null ? null : client.session(sessionId)), [client, sessionId]);
  const thread = useRef<ThreadHandle>(null);
  const reveal: Reveal = useCallback((target) => thread.current?.reveal(target), []);
  const [sight] = useState(createSight);
  return (
    <ClientContext value={client}>
      <SessionContext value={store}>
        <ThreadContext value={thread}>
          <RevealContext value={reveal}>
            <SightContext value={sight}>{children}</SightContext>
          </RevealContext>
        </ThreadContext>
      </SessionContext>
    </ClientContext>
  );
}
