import { AgentPool } from "../agent-pool.ts";
import { drain } from "../drain.ts";
import type { AgentWay, WaySetting } from "../way.ts";
import { startAgent } from "./start-agent.ts";

/** Over the Agent Client Protocol, with processes that wait for their one turn. */
export function acpWay({ program, limits, slots }: WaySetting): AgentWay {
  const start = (model: string, signal: AbortSignal) => startAgent(program, { model, limits, signal });
  const pool = new AgentPool({ program, limits, slots, start });
  return {
    async *ask({ model, text }, signal) {
      const agent = await pool.take(model, signal);
      try {
        const turn = { mailbox: agent.prompt(text), end: () => agent.end() };
        yield* drain(turn, { program, idleTimeoutMs: limits.idleTimeoutMs, signal });
      } finally {
        await pool.giveBack(agent, model);
      }
    },
    close: () => pool.close(),
  };
}
