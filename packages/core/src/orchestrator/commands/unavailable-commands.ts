import { CommandError } from "../../lib/error.ts";
import type { EngineCommandType, Handlers } from "./outcome.ts";

type LaterCommands = Extract<EngineCommandType, `memory-${string}` | "tool-register" | "tool-unregister">;

/** The wire names these already; a server without long-term memory and remote tools says so instead of pretending. */
export function unavailableCommands(): Handlers<LaterCommands> {
  const memory = () => unavailable("This server has no long-term memory yet. Preferences are kept: use preference-set.");
  const remote = () => unavailable("This server takes tools only from its own code.");
  return {
    "memory-list": memory,
    "memory-add": memory,
    "memory-update": memory,
    "memory-delete": memory,
    "memory-resolve": memory,
    "tool-register": remote,
    "tool-unregister": remote,
  };
}

function unavailable(message: string): Promise<never> {
  return Promise.reject(new CommandError("unavailable", message));
}
