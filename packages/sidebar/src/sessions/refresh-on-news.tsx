import { type SessionState, findRun } from "@orquestra/protocol";
import { useEffect, useRef } from "react";
import { activeRunId, useSession } from "../hooks/session.ts";

/** Asks for the list again when the open session changes in a way the list shows. Renders nothing. */
export function RefreshOnNews({ onNews }: { readonly onNews: () => void }) {
  const stamp = useSession(stampOf);
  const seen = useRef(stamp);
  useEffect(() => {
    if (seen.current === stamp) return;
    const first = seen.current === null;
    seen.current = stamp;
    if (!first) onNews();
  }, [stamp, onNews]);
  return null;
}

function stampOf(state: SessionState): string {
  const active = activeRunId(state);
  return `${state.sessionId} ${state.title} ${active === null ? "" : (findRun(state, active)?.status ?? "")} ${state.archived}`;
}
