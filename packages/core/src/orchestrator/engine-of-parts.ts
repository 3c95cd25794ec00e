import { CommandError } from "../lib/error.ts";
import { Dispatcher, refusal } from "./commands/dispatch.ts";
import { ownSession } from "./commands/access.ts";
import { forgetCommands } from "./commands/forget-commands.ts";
import type { Engine } from "./engine.ts";
import type { EngineParts } from "./parts.ts";
import { Forwarding } from "./nodes/forwarding.ts";
import { Inbox } from "./nodes/inbox.ts";
import { NodeLife } from "./nodes/node-life.ts";
import { keepHouse } from "./retention/keep-house.ts";
import { RunBook } from "./run-book.ts";
import { withoutSecrets } from "./commands/without-secrets.ts";
import { SessionView } from "./live/session-view.ts";

/** The engine over its parts. When it resolves, the node is known to others, and what earlier processes left is being worked on. */
export async function openEngine(parts: EngineParts): Promise<Engine> {
  const runs = new RunBook(parts);
  const forwarding = new Forwarding(parts);
  const dispatcher = new Dispatcher(parts, runs, forwarding);
  const inbox = new Inbox(parts, (command, user) => dispatcher.handle(command, user, "node"));
  const life = new NodeLife(parts, runs, inbox);
  const view = new SessionView(parts.store, parts.feed);
  let closed = false;
  await forwarding.open();
  await life.begin();
  const forgetting = forgetCommands(parts);
  const house = keepHouse(parts);
  return {
    handle: (command, user, client = "process") => {
      if (closed) return Promise.reject(new CommandError("unavailable", "The server is shutting down.", { retryable: true }));
      return withoutSecrets(parts.redactor, command, (clean) => dispatcher.handle(clean, user, client));
    },
    refused: (command, user, error) => dispatcher.refused({ command, user, client: "minted" }, error),
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
      life.rest();
      await Promise.all([forgetting.close(), house.close()]);
      await inbox.close();
      const left = await runs.close();
      await parts.cluster.queue.stop();
      await parts.journal.close();
      await life.end(left);
      forwarding.close();
      await parts.feed.close();
    },
  };
}
