import type { OrquestraClient } from "@orquestra/client";
import { type ReactNode, use, useCallback, useState } from "react";
import { Composer } from "../composer/composer.tsx";
import { SessionContext } from "../hooks/context.ts";
import { useSession, useSessionStatus } from "../hooks/session.ts";
import { PlanPanel } from "../plan/plan-panel.tsx";
import { CatalogProvider } from "../settings/catalog.tsx";
import { ModelDialog } from "../settings/model-setup.tsx";
import { SetupContext } from "../settings/setup-context.ts";
import { TrustQuestion } from "../settings/trust-question.tsx";
import { Welcome } from "../settings/welcome.tsx";
import { Thread } from "../thread/thread.tsx";
import { EditTodoContext, type TodoTarget } from "../todo/edit-context.ts";
import { EditDialog } from "../todo/edit-dialog.tsx";
import { Announcer } from "./announcer.tsx";
import { Button } from "./button.tsx";
import { ConnectionBanner, Refused, useRefused } from "./connection-banner.tsx";
import { Header } from "./header.tsx";
import type { MenuItem } from "./menu.tsx";
import { OrquestraProvider, useThreadRef } from "./provider.tsx";
import { useStopOnEscape } from "./use-stop-on-escape.ts";

interface SidebarProps {
  readonly client: OrquestraClient;
  readonly sessionId: string;
  /** More entries for the menu in the header. */
  readonly menu?: readonly MenuItem[];
}

/** The whole sidebar of one session, for embedding: give it a client and a height. */
export function OrquestraSidebar({ client, sessionId, menu = [] }: SidebarProps) {
  return (
    <OrquestraProvider client={client} sessionId={sessionId}>
      <SidebarPanel menu={menu} leading={null} landmark="aside" />
    </OrquestraProvider>
  );
}

interface PanelProps {
  readonly menu: readonly MenuItem[];
  /** Stands at the very left of the header. */
  readonly leading: ReactNode;
  /** What it is on its page: the main thing, or something beside it. */
  readonly landmark: "main" | "aside";
  /** What to do when the session is gone; absent: nothing is offered. */
  readonly onLost?: () => void;
}

/** The sidebar inside a provider. */
export function SidebarPanel({ menu, leading, landmark: Landmark, onLost }: PanelProps) {
  const refused = useRefused();
  const store = use(SessionContext);
  if (refused !== null) return <Refused reason={refused} />;
  return (
    <Landmark className="oq oq-side" aria-label="Conversation">
      {store === null ? (
        <Opening leading={leading} />
      ) : (
        <CatalogProvider key={store.sessionId}>
          <SessionView menu={menu} leading={leading} {...(onLost === undefined ? {} : { onLost })} />
        </CatalogProvider>
      )}
    </Landmark>
  );
}

function Opening({ leading }: { readonly leading: ReactNode }) {
  return (
    <>
      <div className="oq-head">{leading}</div>
      <ConnectionBanner />
      <p className="oq-opening">Opening…</p>
    </>
  );
}

function SessionView({ menu, leading, onLost }: Omit<PanelProps, "landmark">) {
  const status = useSessionStatus();
  const empty = useSession((state) => state.messages.length === 0);
  const deleted = useSession((state) => state.deleted);
  const thread = useThreadRef();
  const [settingUp, setSettingUp] = useState(false);
  const openSetup = useCallback(() => setSettingUp(true), []);
  const [edited, setEdited] = useState<TodoTarget | null>(null);
  useStopOnEscape();
  if (status.status === "missing" || deleted === true) {
    return (
      <>
        <div className="oq-head">{leading}</div>
        <div className="oq-opening">
          <h1>{status.status === "missing" ? status.error.message : "This session was deleted."}</h1>
          {onLost !== undefined && <Button onClick={onLost}>Open another one</Button>}
        </div>
      </>
    );
  }
  if (empty === null) return <Opening leading={leading} />;
  return (
    <SetupContext value={openSetup}>
      <EditTodoContext value={setEdited}>
        <Header menu={menu} leading={leading} />
        <ConnectionBanner />
        {empty ? (
          <Welcome />
        ) : (
          <>
            <PlanPanel />
            <Thread ref={thread} />
            <div className="oq-trust-bar">
              <TrustQuestion />
            </div>
          </>
        )}
        <Composer />
        <Announcer />
        {settingUp && <ModelDialog onClose={() => setSettingUp(false)} />}
        {edited !== null && <EditDialog target={edited} onClose={() => setEdited(null)} />}
      </EditTodoContext>
    </SetupContext>
  );
}
