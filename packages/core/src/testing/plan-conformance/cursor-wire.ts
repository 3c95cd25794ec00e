import { jsonSchema } from "@orquestra/protocol";
import { createCursorProvider } from "../../llm-provider/acp-agent/index.ts";
import { type AcpStandIn, type StandInReply, createAcpStandIn, said } from "../acp-stand-in/index.ts";
import type { Reply } from "../wire-server/index.ts";
import { tokensOf } from "../wire-server/reply.ts";
import { type PlanWire, done, neverAsked } from "./wire.ts";

const environment = { HOME: "/nowhere", PATH: "/usr/bin:/bin" };

/** Cursor, by the Agent Client Protocol: a process for each turn, and no native calls. */
export const cursorWire: PlanWire = {
  name: "cursor",
  formats: ["lines", "json"],
  open: async () => {
    const standIn = await createAcpStandIn();
    const provider = createCursorProvider({ command: standIn.command, environment, limits: { spares: 0 } });
    let played = 0;
    return {
      model: provider.model("auto"),
      play: (replies) => {
        played += replies.length;
        standIn.play([...replies, done].map(asTurn));
      },
      left: () => Math.max(0, played - promptsOf(standIn).length),
      lastRequest: () => jsonSchema.parse(promptsOf(standIn).at(-1) ?? neverAsked()),
      close: async () => {
        await provider.close();
        standIn.close();
      },
    };
  },
};

/** What each process was asked, in the order of their start: a process is asked once. */
function promptsOf(standIn: AcpStandIn): readonly unknown[] {
  const messages = standIn.processes().flatMap((process) => process.messages);
  return messages.flatMap(({ method, params }) => (method === "session/prompt" ? [params] : []));
}

/** A connection that breaks is here a program that ends in the middle of its answer. */
function asTurn({ text, refusal, cutAfterTokens }: Reply): StandInReply {
  const answer = tokensOf(text ?? refusal)
    .slice(0, cutAfterTokens)
    .join("");
  const rows = (answer.match(/.{1,50}/gsu) ?? []).map(said);
  if (cutAfterTokens !== undefined) return { rows, ending: { type: "exit", code: 3, stderr: "fatal: out of luck\n" } };
  return { rows, ending: { type: "stop", reason: refusal === undefined ? "end_turn" : "refusal" } };
}
