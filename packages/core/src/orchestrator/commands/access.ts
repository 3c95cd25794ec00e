import type { Command } from "@orquestra/protocol";
import { CommandError } from "../../lib/error.ts";
import type { RunRecord, SessionRecord, Store } from "../../persistence/index.ts";
import type { User } from "../../tools/index.ts";

/** The session a command names. Somebody else's is as absent as one that never was. */
export async function ownSession(store: Store, command: Pick<Command, "sessionId" | "type">, user: User): Promise<SessionRecord> {
  if (command.sessionId === undefined) throw new CommandError("bad_request", `${command.type} needs a sessionId.`);
  const session = await store.sessions.get(command.sessionId);
  if (session === null || session.userId !== user.id || session.tenant !== user.tenant) {
    throw new CommandError("not_found", "There is no such session.");
  }
  return session;
}

export async function ownRun(
  store: Store,
  command: Pick<Command, "sessionId" | "type"> & { readonly data: { readonly runId: string } },
  user: User,
): Promise<{ readonly session: SessionRecord; readonly run: RunRecord }> {
  const session = await ownSession(store, command, user);
  const run = await store.runs.get(command.data.runId);
  if (run === null || run.sessionId !== session.id) throw new CommandError("not_found", "There is no such run in this session.");
  return { session, run };
}
