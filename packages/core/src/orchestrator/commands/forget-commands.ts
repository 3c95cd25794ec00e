import { messageOf } from "../../lib/error.ts";
import type { EngineParts } from "../parts.ts";

/** How long a command's reply is kept for whoever repeats it, and how often what is older is forgotten. Milliseconds. */
const kept = 7 * 24 * 60 * 60_000;
const every = 60 * 60_000;

/** Forgets replies that nobody asks for any more, at once and every hour until it is closed. A failure waits for the next time. */
export function forgetCommands({ store, clock, log }: Pick<EngineParts, "store" | "clock" | "log">): {
  close(): Promise<void>;
} {
  const forget = async (): Promise<void> => {
    try {
      await store.commands.trim(new Date(clock.now() - kept).toISOString());
      await store.forwarded.trim(new Date(clock.now() - every).toISOString());
    } catch (error) {
      log.warn({ error: messageOf(error) }, "old commands could not be forgotten");
    }
  };
  let work = forget();
  const timer = setInterval(() => {
    work = work.then(forget);
  }, every).unref();
  return {
    close: () => {
      clearInterval(timer);
      return work;
    },
  };
}
