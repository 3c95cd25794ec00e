export interface Route {
  readonly sessionId: string | null;
  readonly messageId: string | null;
}

/** `#/s/<sessionId>`, and `#/s/<sessionId>/m/<messageId>` for a message in it. Anything else is the start. */
export function parseRoute(hash: string): Route {
  const [, section, session = "", part, message = ""] = hash.replace(/^#/, "").split("/");
  if (section !== "s" || session === "") return { sessionId: null, messageId: null };
  return { sessionId: decoded(session), messageId: part === "m" && message !== "" ? decoded(message) : null };
}

export function routeHash(sessionId: string, messageId?: string): string {
  const session = `#/s/${encodeURIComponent(sessionId)}`;
  return messageId === undefined ? session : `${session}/m/${encodeURIComponent(messageId)}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
