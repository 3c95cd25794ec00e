import { type AnyTool, defineTool } from "@orquestra/core";
import { openBenchEngine } from "../lib/engine.ts";
import { WatchedSession } from "../lib/watched-session.ts";
import type { Peer } from "./peer.ts";
import { cityInput, cityOutput, instantModel, lookUp, question } from "./workload.ts";

/** The whole core: journal in memory, permissions, events to an attached listener that checks their numbers. */
export async function openOurs(): Promise<Peer> {
  const orquestra = await openBenchEngine({ model: instantModel("plan"), tools: [cityTool] });
  return {
    open: async () => {
      const session = await WatchedSession.open(orquestra.engine, { planFormat: "lines" });
      return { run: () => runOnce(session) };
    },
    close: () => orquestra.close(),
  };
}

async function runOnce(session: WatchedSession) {
  const { completedTodos, streamed, text } = await session.run(question);
  if (streamed !== text) throw new Error("The deltas do not add up to the text in the log.");
  return { tools: completedTodos, text: streamed };
}

const cityTool: AnyTool = defineTool({
  name: "city_facts",
  description: "Facts about a city.",
  input: cityInput,
  output: cityOutput,
  effects: ["read"],
  critical: [],
  integrity: "system",
  idempotent: true,
  undoable: false,
  timeoutMs: 10_000,
  run: lookUp,
});
