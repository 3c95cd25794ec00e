import { useClient } from "../hooks/context.ts";
import { useLater } from "../hooks/use-later.ts";
import { useNow } from "../hooks/use-now.ts";
import { useReadable } from "../hooks/use-readable.ts";
import { Button } from "./button.tsx";
import { Logo } from "./logo.tsx";

/** Short interruptions heal before anybody needs to know. */
const quietMs = 1_000;

/** Says that the connection is lost, when the next try is, and that nothing is lost with it. */
export function ConnectionBanner() {
  const client = useClient();
  const connection = useReadable(client.connection);
  const down = connection.status === "offline" || connection.status === "connecting";
  const late = useLater(down, quietMs);
  const now = useNow(down && late);
  if (!down || !late) return null;
  const seconds = connection.status === "offline" ? Math.max(0, Math.ceil((connection.retryAt - now) / 1000)) : 0;
  return (
    <div className="oq-banner" role="status">
      <span>
        {seconds > 0 ? `Connection lost. Reconnecting in ${seconds}\u00a0s.` : "Connecting…"}
        <span className="oq-muted"> What you send is kept.</span>
      </span>
      {seconds > 0 && <Button onClick={() => client.reconnect()}>Try now</Button>}
    </div>
  );
}

/** Why the server does not let this page in; `null` while it does. */
export function useRefused(): string | null {
  const connection = useReadable(useClient().connection);
  return connection.status === "refused" ? connection.reason : null;
}

/** The page is not signed in. Only a fresh launch link helps. */
export function Refused({ reason }: { readonly reason: string }) {
  const client = useClient();
  return (
    <main className="oq oq-refused">
      <Logo />
      <h1>This page’s launch link has expired</h1>
      <p>
        Run <code>orquestra open</code> in a terminal and follow the link it prints.
      </p>
      {reason !== "" && <p className="oq-small oq-faint">{reason}</p>}
      <Button onClick={() => client.reconnect()}>Try again</Button>
    </main>
  );
}
