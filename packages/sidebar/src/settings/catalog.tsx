import type { ReplyData } from "@orquestra/protocol";
import { createContext, type ReactNode, use, useMemo } from "react";
import { useSession } from "../hooks/session.ts";
import { type ReplyHandle, useReply } from "../hooks/use-reply.ts";

export type ModelItem = ReplyData<"model-list">["items"][number];
export type WorkspaceItem = ReplyData<"workspace-list">["items"][number];

interface Catalog {
  readonly models: ReplyHandle<"model-list">;
  readonly workspaces: ReplyHandle<"workspace-list">;
}

const CatalogContext = createContext<Catalog | null>(null);

/** Asks once for the models and folders that several components show, so that all see a change at the same time. */
export function CatalogProvider({ children }: { readonly children: ReactNode }) {
  const models = useReply("model-list", {});
  const workspaces = useReply("workspace-list", {});
  const catalog = useMemo(() => ({ models, workspaces }), [models.reply, workspaces.reply]);
  return <CatalogContext value={catalog}>{children}</CatalogContext>;
}

function useCatalog(): Catalog {
  const catalog = use(CatalogContext);
  if (catalog === null) throw new Error("This component needs a <CatalogProvider> above it.");
  return catalog;
}

interface Models {
  /** `null` until the server has answered. */
  readonly items: readonly ModelItem[] | null;
  readonly refresh: () => void;
}

export function useModels(): Models {
  const { reply, refresh } = useCatalog().models;
  return { items: reply.data?.items ?? null, refresh };
}

/** Whether the session's model is the demo, which is no AI and understands a few sentences only. */
export function useIsDemo(): boolean {
  const model = useSession((state) => state.model);
  const { items } = useModels();
  return items?.find((item) => item.model === model)?.demo ?? model === "demo";
}

interface SessionWorkspace {
  /** The folder of this session as the server knows it; `null` while unknown or without a folder. */
  readonly workspace: WorkspaceItem | null;
  readonly refresh: () => void;
}

export function useWorkspace(): SessionWorkspace {
  const path = useSession((state) => state.workspace);
  const { reply, refresh } = useCatalog().workspaces;
  return { workspace: reply.data?.items.find((item) => item.workspace === path) ?? null, refresh };
}
