import type { Mode } from "@orquestra/protocol";
import { isoTime } from "../../lib/clock.ts";
import type { User } from "../../tools/index.ts";
import { ownSession } from "../commands/access.ts";
import { refusal } from "../commands/dispatch.ts";
import { checkWorkspace, narrower } from "../commands/session-commands.ts";
import type { EngineParts } from "../parts.ts";
import { exportSession } from "./export-session.ts";
import { type ImportPlan, SessionImport } from "./import-session.ts";
import type { LineData } from "./lines.ts";
import { type ImportLimits, defaultImportLimits, readLines } from "./read-lines.ts";
import { Renaming } from "./renaming.ts";

export interface ImportOptions {
  /** Everything gets new ids: a second session beside the one it was. Otherwise ids that are here already are refused. */
  readonly asNew?: boolean;
  /** The folder it goes on in, of those that are offered here; none by default, whatever the file says. */
  readonly workspace?: string;
  readonly limits?: ImportLimits;
}

/** Sessions as files: to keep, to move to another server, to give away. */
export interface SessionTransfer {
  /** Lines of JSON, read while they are asked for. Rejects with a CommandError where there is no such session of the user's. */
  export(sessionId: string, user: User): Promise<AsyncIterable<string>>;
  /**
   * Makes a session of the user's from what `export` wrote; resolves with its id. What had not ended is cancelled, nothing of it
   * is carried out, and its text counts as from outside. Rejects with a CommandError, and then nothing of it is there.
   */
  import(source: AsyncIterable<Uint8Array>, user: User, options?: ImportOptions): Promise<string>;
}

export function sessionTransfer(parts: EngineParts): SessionTransfer {
  const { store } = parts;
  return {
    export: async (sessionId, user) => {
      try {
        const session = await ownSession(store, { type: "session-attach", sessionId }, user);
        const body = { tenant: user.tenant };
        await parts.audit.record({ kind: "session-exported", userId: user.id, sessionId: session.id, body });
        return exportSession(parts, session);
      } catch (error) {
        throw refusal(error);
      }
    },
    import: async (source, user, options = {}) => {
      const work = new SessionImport(store, (data) => planOf(parts, user, { data, options }));
      try {
        for await (const line of readLines(source, options.limits ?? defaultImportLimits)) await work.take(line);
        return await work.finish();
      } catch (error) {
        await work.undo();
        throw refusal(error);
      }
    },
  };
}

async function planOf(
  parts: EngineParts,
  user: User,
  { data, options }: { readonly data: LineData["session"]; readonly options: ImportOptions },
): Promise<ImportPlan> {
  const { asNew = false } = options;
  const workspace = await checkWorkspace(parts, options.workspace ?? null);
  const ids = new Renaming(asNew);
  const sessionId = ids.of(data.id);
  const at = isoTime(parts.clock);
  const record: ImportPlan["record"] = (source) => ({
    ...source,
    id: sessionId,
    userId: user.id,
    tenant: user.tenant,
    workspace,
    mode: modeOf(source, parts),
    updatedAt: at,
  });
  return { sessionId, user, ids, at, refuseKnown: !asNew, record };
}

/** A file takes no more than what a new session has here by itself; more than that a person says. */
function modeOf({ mode }: LineData["session"], { defaultMode, ceiling }: EngineParts): Mode {
  const here = narrower(defaultMode, ceiling);
  return narrower(mode, here === "headless" ? "ask" : here);
}
