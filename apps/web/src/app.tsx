import type { OrquestraClient } from "@orquestra/client";
import { OrquestraPage } from "@orquestra/sidebar";
import { useCallback, useSyncExternalStore } from "react";
import { parseRoute, routeHash } from "./route.ts";

/** The page at its address. */
export function App({ client }: { readonly client: OrquestraClient }) {
  const hash = useSyncExternalStore(onHashChange, () => location.hash);
  const { sessionId, messageId } = parseRoute(hash);
  const open = useCallback((session: string, message?: string) => {
    location.hash = routeHash(session, message);
  }, []);
  return <OrquestraPage client={client} sessionId={sessionId} messageId={messageId} onOpen={open} />;
}

function onHashChange(listener: () => void): () => void {
  window.addEventListener("hashchange", listener);
  return () => window.removeEventListener("hashchange", listener);
}
