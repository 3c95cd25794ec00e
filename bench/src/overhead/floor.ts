import { type LanguageModel, type ModelMessage, type ModelPart, messageOf } from "@orquestra/core";
import { cityInput, cityOutput, instantModel, lookUp, question } from "./workload.ts";
import type { Peer } from "./peer.ts";

type FloorEvent =
  | { readonly type: "text"; readonly seq: number; readonly text: string }
  | { readonly type: "tool"; readonly seq: number; readonly id: string; readonly result: object };

type ModelCall = Extract<ModelPart, { readonly type: "call" }>["call"];

/** The least that does the same work: a loop by hand that checks arguments and results with zod and tells what happens. */
export function openFloor(): Promise<Peer> {
  const model = instantModel("calls");
  return Promise.resolve({ open: () => Promise.resolve({ run: () => run(model) }), close: () => Promise.resolve() });
}

async function run(model: LanguageModel) {
  const events: FloorEvent[] = [];
  const messages: ModelMessage[] = [{ role: "user", content: [{ type: "text", text: question }] }];
  for (;;) {
    const { text, calls } = await turn(model, messages, events);
    messages.push({ role: "assistant", text, calls });
    if (calls.length === 0) return { tools: events.filter(({ type }) => type === "tool").length, text };
    messages.push(...(await Promise.all(calls.map((call) => callTool(call, events)))));
  }
}

async function turn(model: LanguageModel, messages: readonly ModelMessage[], events: FloorEvent[]) {
  const calls: ModelCall[] = [];
  let text = "";
  for await (const batch of model.stream({ system: "", messages }, AbortSignal.any([]))) {
    for (const part of batch) {
      if (part.type === "call") calls.push(part.call);
      if (part.type !== "text") continue;
      text += part.text;
      events.push({ type: "text", seq: events.length + 1, text: part.text });
    }
  }
  return { text, calls };
}

async function callTool({ id, name, argumentsText }: ModelCall, events: FloorEvent[]): Promise<ModelMessage> {
  try {
    const result = cityOutput.parse(await lookUp(cityInput.parse(JSON.parse(argumentsText))));
    events.push({ type: "tool", seq: events.length + 1, id, result });
    return { role: "tool", callId: id, name, text: JSON.stringify(result), failed: false };
  } catch (error) {
    return { role: "tool", callId: id, name, text: messageOf(error), failed: true };
  }
}
