import type { OrquestraClient } from "@orquestra/client";
import { writeStep } from "./printer.ts";

/** Says that no model was chosen, and which ones one flag would choose. Nothing is sent to any of them. */
export async function offerModels(client: OrquestraClient): Promise<void> {
  const { items } = await client.command("model-list", {});
  const ready = items.filter(({ available, demo }) => available && demo !== true);
  const firsts = [...new Map(ready.toReversed().map((item) => [item.provider, item])).values()];
  writeStep("No model is chosen, so the demo model answers, which is no AI.");
  for (const { model, hint } of firsts) writeStep(`  ready: --model ${model}${hint === undefined ? "" : ` (${hint})`}`);
  if (firsts.length === 0) writeStep("  Set OPENAI_API_KEY, ANTHROPIC_API_KEY or COMPATIBLE_BASE_URL, and choose with --model.");
}
