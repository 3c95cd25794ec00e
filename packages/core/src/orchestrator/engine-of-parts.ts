import { CommandError } from "../lib/error.ts";
import { Dispatcher, refusal } from "./commands/dispatch.ts";
import { ownSession } from "./commands/access.ts";
import { forgetCommands } from "./commands/forget-commands.ts";
import type { Engine } from "./engine.ts";
import type { EngineParts } from "./parts.ts";
import { keepHouse } from "./retention/keep-house.ts";
import { RunBook } from "./run-book.ts";
import { SessionView } from "./session-view.ts";

/** The engine over its parts. `recover` has been awaited when it resolves: what an earlier process left is being worked on. */
export async function openEngine(parts: EngineParts): Promise<Engine> {
  const runs = new RunBook(parts);
  const dispatcher = new Dispatcher(parts, runs);
  const view = new SessionView(parts.store, parts.feed);
  let closed = false;
  await runs.recover();
  const forgetting = forgetCommands(parts);
  const house = keepHouse(parts);
  return {
    handle: (command, user) => {
      if (closed) return Promise.reject(new CommandError("unavailable", "The server is shutting down.", { retryable: true }));
      return dispatcher.handle(command, user);
    },
    attach: async (request) => {
      try {
        await ownSession(parts.store, { type: "session-attach", sessionId: request.sessionId }, request.user);
        return await view.attach(request);
      } catch (error) {
        throw refusal(error);
      }
    },
    close: async () => {
      closed = true;
      await Promise.all([forgetting.close(), house.close()]);
      await runs.close();
      await parts.journal.close();
    },
  };
}
