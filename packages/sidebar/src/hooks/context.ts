import type { OrquestraClient, SessionStore } from "@orquestra/client";
import { createContext, use } from "react";

/** The connection everything on the page speaks through. */
export const ClientContext = createContext<OrquestraClient | null>(null);

/** The session the components below show. */
export const SessionContext = createContext<SessionStore | null>(null);

export function useClient(): OrquestraClient {
  const client = use(ClientContext);
  if (client === null) throw new Error("Orquestra components need a <ClientContext> with a client above them.");
  return client;
}

export function useStore(): SessionStore {
  const store = use(SessionContext);
  if (store === null) throw new Error("This component shows a session and needs a <SessionContext> above it.");
  return store;
}
