import { type EventData, type Mode, type NewEvent, modes } from "@orquestra/protocol";
import { isoTime } from "../../lib/clock.ts";
import { CommandError, messageOf } from "../../lib/error.ts";
import { newId } from "../../lib/ids.ts";
import type { SessionRecord } from "../../persistence/index.ts";
import type { EngineParts } from "../parts.ts";
import type { RunBook } from "../run-book.ts";
import { ownSession } from "./access.ts";
import { offeredFolder } from "./offered-folder.ts";
import type { Handlers } from "./outcome.ts";

/** The title until the first message gives one. */
export const untitled = "New session";

type SessionCommands =
  | "session-create"
  | "session-list"
  | "session-update"
  | "session-delete"
  | "history-search"
  | "message-list";

export function sessionCommands(parts: EngineParts, runs: RunBook): Handlers<SessionCommands> {
  const { store, clock } = parts;
  return {
    "session-create": async ({ data }, user) => {
      const at = isoTime(clock);
      const record: SessionRecord = {
        id: newId(),
        userId: user.id,
        tenant: user.tenant,
        title: data.title ?? untitled,
        workspace: await checkWorkspace(parts, data.workspace),
        model: checkModel(parts, data.model ?? parts.models.defaultModel, data.model !== undefined),
        mode: checkMode(parts, data.mode ?? narrower(parts.defaultMode, parts.ceiling)),
        planFormat: data.planFormat ?? parts.defaultPlanFormat,
        archived: false,
        createdAt: at,
        updatedAt: at,
      };
      const { title, workspace, model, mode, planFormat } = record;
      const event: NewEvent = { type: "session-created", data: { title, workspace, model, mode, planFormat } };
      return { reply: { sessionId: record.id }, sessionId: record.id, events: [event], changes: [{ put: "sessions", record }] };
    },

    "session-list": async ({ data }, user) => {
      const query = {
        limit: data.limit ?? 50,
        archived: data.archived ?? false,
        ...(data.cursor === undefined ? {} : { cursor: data.cursor }),
      };
      const { items, cursor } = await store.sessions.list(user.id, query);
      const reply = items.map(({ id, runStatus, title, workspace, model, mode, planFormat, archived, createdAt, updatedAt }) => ({
        sessionId: id,
        title,
        workspace,
        model,
        mode,
        planFormat,
        archived,
        createdAt,
        updatedAt,
        status: runStatus,
      }));
      return { reply: { items: reply, ...(cursor === undefined ? {} : { cursor }) } };
    },

    "session-update": async (command, user) => {
      const session = await ownSession(store, command, user);
      const { data } = command;
      if (data.mode !== undefined) checkMode(parts, data.mode);
      if (data.model !== undefined) checkModel(parts, data.model, true);
      const changed: EventData<"session-updated"> = { ...data };
      const record: SessionRecord = { ...session, ...withoutUndefined(data), updatedAt: isoTime(clock) };
      return {
        reply: {},
        sessionId: session.id,
        events: [{ type: "session-updated", data: changed }],
        changes: [{ put: "sessions", record }],
        after: () => runs.sessionChanged(record),
      };
    },

    "session-delete": async (command, user) => {
      const session = await ownSession(store, command, user);
      const release = (): void => runs.release(session.id);
      try {
        await runs.stopSession(session.id);
        // Whoever is attached hears of it before the log that would tell them is gone.
        await parts.journal.write(session.id, { events: [{ type: "session-deleted", data: {} }] });
      } catch (error) {
        release();
        throw error;
      }
      const changes = [{ delete: "sessions", id: session.id } as const];
      return { reply: {}, sessionId: session.id, changes, after: release, refused: release };
    },

    "history-search": async ({ data }, user) => {
      const found = await store.messages.search(user.id, data.query, data.limit ?? 20);
      return { reply: { items: found.map(messageItem) } };
    },

    "message-list": async (command, user) => {
      const session = await ownSession(store, command, user);
      const { before, limit } = command.data;
      if (before !== undefined && (await store.messages.get(before))?.sessionId !== session.id)
        throw new CommandError("not_found", "There is no such message in this session (any more).");
      const found = await store.messages.list(session.id, { before, limit: limit ?? 50 });
      return { reply: { items: found.map(messageItem) } };
    },
  };
}

type Message = Awaited<ReturnType<EngineParts["store"]["messages"]["list"]>>[number];

function messageItem({ id, sessionId, runId, role, text, at }: Message) {
  return { messageId: id, sessionId, runId, role, text, at };
}

export async function checkWorkspace(parts: EngineParts, wanted: string | null | undefined): Promise<string | null> {
  if (wanted === null) return null;
  if (wanted === undefined) return parts.workspaces.start;
  const folder = await offeredFolder(parts, wanted);
  if (folder !== null) return folder;
  throw new CommandError(
    "forbidden",
    `This server does not offer the folder ${wanted}. Start it there, or add the folder on its command line.`,
  );
}

/** A model somebody names must be there; a default that is not shows in the first run instead. */
function checkModel({ models }: EngineParts, model: string, named: boolean): string {
  if (!named) return model;
  try {
    models.resolve(model);
    return model;
  } catch (error) {
    throw new CommandError("bad_request", messageOf(error), { cause: error });
  }
}

function checkMode({ ceiling }: EngineParts, mode: Mode): Mode {
  if (narrower(mode, ceiling) === mode) return mode;
  throw new CommandError("forbidden", `This server goes no further than mode ${ceiling}. Raise ORQUESTRA_MODE to allow ${mode}.`);
}

/** `headless` asks nobody and so grants nothing: it is never beyond a ceiling. */
export function narrower(a: Mode, b: Mode): Mode {
  if (a === "headless" || b === "headless") return a;
  return modes.indexOf(a) <= modes.indexOf(b) ? a : b;
}

function withoutUndefined<T extends object>(data: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- exactly the undefined values are left out
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
