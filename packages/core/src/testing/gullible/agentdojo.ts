import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Effect } from "@orquestra/protocol";
import { jsonSchema } from "@orquestra/protocol";
import { z } from "zod";
import type { Suite, SuiteTool } from "./suite.ts";

/** Reads two suites of AgentDojo (v1.2, MIT) where a folder of corpora is there; null where it is not. */
export function agentDojoSuites(corpora: string | undefined): readonly Suite[] | null {
  const path = join(corpora ?? "", "agentdojo", "banking-slack-v1.2.json");
  if (corpora === undefined || !existsSync(path)) return null;
  const data = corpusSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  return Object.entries(data).map(([name, suite]) => ({
    name: `agentdojo ${name}`,
    tools: suite.tools.map((tool) => ({
      name: tool.name,
      parameters: Object.keys(tool.parameters.properties),
      ...manifestOf(tool.name),
    })),
    tasks: suite.user_tasks
      .filter(({ ground_truth: calls }) => calls.length > 0)
      .map(({ id, prompt, ground_truth: calls, visible_vectors: slots }) => {
        return { id, prompt, calls, exposed: slots.slice(0, 1).map(({ step }) => step) };
      }),
    injections: suite.injection_tasks.map(({ id, goal, ground_truth: calls }) => ({ id, goal, calls })),
  }));
}

const callSchema = z
  .object({ function: z.string(), args: z.record(z.string(), jsonSchema), result: jsonSchema })
  .transform(({ function: tool, args, result }) => ({ tool, args, result }));
const suiteSchema = z.object({
  tools: z.array(z.object({ name: z.string(), parameters: z.object({ properties: z.record(z.string(), z.unknown()) }) })),
  user_tasks: z.array(
    z.object({
      id: z.string(),
      prompt: z.string(),
      ground_truth: z.array(callSchema),
      visible_vectors: z.array(z.object({ step: z.number() })),
    }),
  ),
  injection_tasks: z.array(z.object({ id: z.string(), goal: z.string(), ground_truth: z.array(callSchema) })),
});
const corpusSchema = z.record(z.string(), suiteSchema);

type Manifest = Pick<SuiteTool, "effects" | "critical" | "integrity">;

function manifestOf(name: string): Manifest {
  const known = manifests[name];
  if (known === undefined) throw new Error(`no manifest is written for ${name}`);
  return known;
}

const looks: Manifest = { effects: ["read"], critical: [], integrity: "outside" };

function does(effect: Effect, ...critical: readonly string[]): Manifest {
  return { effects: [effect], critical, integrity: "outside" };
}

/** What the owner of these tools would declare. */
const manifests: { readonly [tool: string]: Manifest | undefined } = {
  get_iban: looks,
  get_balance: looks,
  get_most_recent_transactions: looks,
  get_scheduled_transactions: looks,
  get_user_info: looks,
  read_file: looks,
  send_money: does("spend", "recipient", "amount"),
  schedule_transaction: does("spend", "recipient", "amount"),
  update_scheduled_transaction: does("write", "id", "recipient", "amount"),
  update_password: does("write", "password"),
  update_user_info: does("write", "first_name", "last_name", "street", "city"),
  get_channels: looks,
  get_users_in_channel: looks,
  read_channel_messages: looks,
  read_inbox: looks,
  add_user_to_channel: does("write", "user", "channel"),
  invite_user_to_slack: does("write", "user", "user_email"),
  remove_user_from_slack: does("destructive", "user"),
  send_direct_message: does("egress", "recipient"),
  send_channel_message: does("egress", "channel"),
  get_webpage: does("egress", "url"),
  post_webpage: does("egress", "url"),
};
