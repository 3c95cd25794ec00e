import type { OrquestraClient } from "@orquestra/client";
import { type ReactNode, use, useCallback, useEffect, useRef, useState } from "react";
import { SessionContext } from "../hooks/context.ts";
import { useMedia } from "../hooks/use-media.ts";
import { Rail } from "../sessions/rail.tsx";
import { useRefused } from "./connection-banner.tsx";
import { Icon } from "./icon.tsx";
import { OrquestraProvider } from "./provider.tsx";
import { Sheet } from "./sheet.tsx";
import { SidebarPanel } from "./sidebar.tsx";
import { Stage } from "./lazy-stage.tsx";
import { useThemeItem } from "./theme-choice.ts";
import { TitleBadge } from "./title-badge.tsx";
import { RevealMessage } from "./reveal-message.tsx";
import { useStartSession } from "./use-start-session.ts";

export interface PageProps {
  readonly client: OrquestraClient;
  /** From the address of the page; `null`: the newest session, or a new one. */
  readonly sessionId: string | null;
  readonly messageId: string | null;
  readonly onOpen: (sessionId: string, messageId?: string) => void;
}

/** The full page: sessions, stage, sidebar. On a narrow screen the sidebar alone, the others behind its menu. */
export function OrquestraPage({ client, sessionId, messageId, onOpen }: PageProps) {
  return (
    <OrquestraProvider client={client} sessionId={sessionId}>
      <PageFrame sessionId={sessionId} messageId={messageId} onOpen={onOpen} />
    </OrquestraProvider>
  );
}

type FrameProps = Omit<PageProps, "client">;

function PageFrame({ sessionId, messageId, onOpen }: FrameProps) {
  const refused = useRefused();
  const [sheet, setSheet] = useState<"none" | "sessions" | "stage">("none");
  const search = useRef<HTMLInputElement>(null);
  const sheetSearch = useRef<HTMLInputElement>(null);
  const { startNew, openNewest, error } = useStartSession(sessionId, onOpen);
  const theme = useThemeItem();
  const noStage = useMedia("(max-width: 1099px)");
  const close = useCallback(() => setSheet("none"), []);
  useShortcuts(startNew, search);
  const open = (id: string, message?: string): void => {
    close();
    onOpen(id, message);
  };
  const rail = { current: sessionId, onOpen: open, onGone: openNewest };
  if (refused !== null) return <SidebarPanel menu={[]} leading={null} landmark="main" />;
  return (
    <div className="oq oq-page">
      <Rail {...rail} onNew={startNew} search={search} />
      <WithSession>
        {!noStage && <Stage />}
        <TitleBadge />
        {messageId !== null && <RevealMessage messageId={messageId} />}
      </WithSession>
      <SidebarPanel
        landmark="main"
        onLost={openNewest}
        menu={[...(noStage ? [{ label: "Score and changes", onSelect: () => setSheet("stage") }] : []), theme]}
        leading={
          <button
            type="button"
            className="oq-icon oq-narrow"
            aria-label="Sessions"
            title="Sessions"
            onClick={() => setSheet("sessions")}
          >
            <Icon name="menu" />
          </button>
        }
      />
      {error !== null && (
        <p className="oq-page-error" role="alert">
          {error}
        </p>
      )}
      {sheet === "sessions" && (
        <Sheet label="Sessions" side="left" onClose={close}>
          <Rail {...rail} onNew={() => (close(), startNew())} search={sheetSearch} />
        </Sheet>
      )}
      {sheet === "stage" && (
        <Sheet label="Score and changes" side="full" onClose={close}>
          <WithSession>
            <Stage />
          </WithSession>
        </Sheet>
      )}
    </div>
  );
}

function WithSession({ children }: { readonly children: ReactNode }) {
  return use(SessionContext) === null ? <div className="oq-stage" /> : children;
}

/** Alt+N opens a new session, Ctrl+K (Cmd+K) goes to the search. */
function useShortcuts(startNew: () => void, search: { readonly current: HTMLInputElement | null }): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.altKey && event.code === "KeyN") startNew();
      else if ((event.ctrlKey || event.metaKey) && event.key === "k") search.current?.focus();
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [startNew, search]);
}
