import { basename } from "node:path";
import { userLabel } from "@orquestra/protocol";
import { isoTime } from "../../lib/clock.ts";
import { CommandError, messageOf } from "../../lib/error.ts";
import type { Store } from "../../persistence/index.ts";
import { ToolError, type User, signatureOf } from "../../tools/index.ts";
import type { EngineParts } from "../parts.ts";
import { findFiles } from "../find-files.ts";
import { loadUser } from "../run/load-run.ts";
import { ownSession } from "./access.ts";
import { offeredFolder } from "./offered-folder.ts";
import type { Handlers } from "./outcome.ts";

type CatalogCommands =
  | "workspace-list"
  | "workspace-trust"
  | "workspace-files"
  | "user-get"
  | "user-set"
  | "preference-list"
  | "preference-set"
  | "model-list"
  | "model-connect"
  | "tool-list";

/** What a person may choose and set: folders, models, tools, and what is kept about them. */
export function catalogCommands(parts: EngineParts): Handlers<CatalogCommands> {
  const { store, clock, trust, workspaces, models, tools } = parts;
  return {
    "workspace-list": async () => {
      const items = await Promise.all(
        workspaces
          .list()
          .map(async (workspace) => ({ workspace, name: basename(workspace), trusted: await trust.isTrusted(workspace) })),
      );
      return { reply: { items } };
    },
    "workspace-trust": async ({ data }, user) => {
      if (!(await isOwner(store, user)))
        throw new CommandError("forbidden", "Whether a folder is trusted is decided by whoever runs this server.");
      const folder = await offeredFolder(parts, data.workspace);
      if (folder === null) throw new CommandError("not_found", "This server does not offer that folder.");
      await trust.set(folder, data.trusted);
      return { reply: {} };
    },
    "workspace-files": async (command, user) => {
      const session = await ownSession(store, command, user);
      if (session.workspace === null) return { reply: { paths: [] } };
      try {
        return { reply: { paths: await findFiles(session.workspace, command.data.query, command.data.limit ?? 20) } };
      } catch (error) {
        if (error instanceof ToolError) throw new CommandError("unavailable", error.message, { cause: error });
        throw error;
      }
    },

    "user-get": async (_command, user) => {
      const { id, name, metadata } = await loadUser(parts, user.id);
      return { reply: { id, name, metadata } };
    },
    "user-set": async ({ data }, user) => {
      const record = await store.users.get(user.id);
      if (record === null) throw new CommandError("not_found", "There is no such user any more.");
      return { reply: {}, changes: [{ put: "users", record: { ...record, metadata: data.metadata } }] };
    },
    "preference-list": async (_command, user) => {
      const items = await store.preferences.list(user.id);
      return { reply: { items: items.map(({ key, text }) => ({ key, text })) } };
    },
    "preference-set": async ({ data: { key, text } }, user) => {
      if (text.trim() === "") return { reply: {}, changes: [{ delete: "preferences", userId: user.id, key }] };
      return {
        reply: {},
        changes: [{ put: "preferences", record: { userId: user.id, key, text, label: userLabel, updatedAt: isoTime(clock) } }],
      };
    },

    "model-list": async () => ({ reply: { items: [...(await models.list())] } }),
    "model-connect": async ({ data }, user) => {
      if (parts.connectModel === undefined || !(await isOwner(store, user))) {
        throw new CommandError("forbidden", "Models are set up by whoever runs this server.");
      }
      try {
        return { reply: await parts.connectModel(data) };
      } catch (error) {
        if (error instanceof CommandError) throw error;
        throw new CommandError("unavailable", messageOf(error), { cause: error });
      }
    },
    "tool-list": async () => {
      const items = tools.list().map((tool) => ({
        name: tool.name,
        description: tool.description,
        signature: signatureOf(tool),
        effects: [...tool.effects],
      }));
      return { reply: { items } };
    },
  };
}

/** What holds for everybody on the server is for its owner to say. */
async function isOwner(store: Store, user: User): Promise<boolean> {
  return (await store.users.get(user.id))?.role === "owner";
}
