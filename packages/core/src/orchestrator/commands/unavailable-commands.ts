import { CommandError } from "../../lib/error.ts";
import type { EngineCommandType, Handlers } from "./outcome.ts";

type LaterCommands = Extract<EngineCommandType, `memory-${string}` | "tool-register" | "tool-unregister">;

/** The wire names these already; a server without long-term memory and remote tools says so instead of pretending. */
export function unavailableCommands(): Handlers<LaterCommands> {
  return {
    "memory-list": noMemory,
    "memory-add": noMemory,
    "memory-update": noMemory,
    "memory-delete": noMemory,
    "memory-resolve": noMemory,
    "tool-register": noRemoteTools,
    "tool-unregister": noRemoteTools,
  };
}

function noMemory(): Promise<never> {
  return unavailable("This server has no long-term memory yet. Preferences are kept: use preference-set.");
}

function noRemoteTools(): Promise<never> {
  return unavailable("This server takes tools only from its own code.");
}

function unavailable(message: string): Promise<never> {
  return Promise.reject(new CommandError("unavailable", message));
}
