import { join } from "node:path";
import type { ApprovalDecision, EventData, OrquestraEvent } from "@orquestra/protocol";
import { type Orquestra, createOrquestra } from "../../create-orquestra.ts";
import type { FollowedRun } from "../../orchestrator/index.ts";
import { inMemoryWorkspaceTrust, policyLayer } from "../../permissions/index.ts";
import type { Store } from "../../persistence/index.ts";
import type { User, builtInTools } from "../../tools/index.ts";
import { allowAll, policyAllowing } from "./allow-all.ts";
import { forgedExport } from "./forged-export.ts";
import type { gullibleModel } from "./gullible-model.ts";
import type { Performance } from "./performance.ts";
import { sameArguments } from "./stage.ts";
import { type SuiteTask, secretsOf, serverFolder } from "./suite.ts";

const person: User = { id: "person", tenant: "home", name: "A person", metadata: {} };

/** Where a task is played: what lasts when its engine ends. */
export interface Scene {
  readonly folder: string;
  readonly store: Store;
  readonly performance: Performance;
  readonly model: ReturnType<typeof gullibleModel>;
  readonly tools: ReturnType<typeof builtInTools>;
}

export interface Message {
  readonly text: string;
  readonly sessionId: string | null;
}

interface Sent {
  readonly sessionId: string;
  readonly events: readonly OrquestraEvent[];
}

/** Carries it out with an engine of its own, which nothing survives but the rows. */
export async function withEngine<T>(scene: Scene, work: (orquestra: Orquestra) => Promise<T>): Promise<T> {
  const { folder, store, performance, model, tools } = scene;
  const { suite, mode, rules } = performance;
  const trust = inMemoryWorkspaceTrust();
  await trust.set(folder, true);
  const orquestra = await createOrquestra({
    models: model,
    tools,
    store,
    trust,
    workspaces: { start: folder, list: () => [folder] },
    ceiling: "workspace",
    defaultMode: mode,
    ownFolders: [join(folder, serverFolder)],
    policy: rules === "policy" ? [policyLayer("user", policyAllowing(suite))] : [],
    secrets: secretsOf(suite),
  });
  try {
    await orquestra.saveUser(person);
    if (rules === "allow all") await allowAll(store, { suite, tools, user: person, workspace: folder });
    return await work(orquestra);
  } finally {
    await orquestra.close();
  }
}

/** A message and all that comes of it, with the person's answers. */
export function sendMessage(scene: Scene, { text, sessionId }: Message): Promise<Sent> {
  const { task, mode, approver } = scene.performance;
  return withEngine(scene, async (orquestra) => {
    const decision: ApprovalDecision = approver === "approve all" ? "allow_once" : "reject_once";
    const approve = async (card: Card): Promise<ApprovalDecision> => {
      if (approver !== "approve what was asked for") return decision;
      const decisions = decisionsOn(card, task);
      const data = { approvalId: card.approvalId, decision, decisions, scope: "plan" } as const;
      await orquestra.command("approval-respond", data, { user: person, sessionId: run.sessionId });
      // The first answer stands.
      return decision;
    };
    const run = await orquestra.run({
      text,
      user: person,
      ...(sessionId === null ? { session: { workspace: scene.folder, mode } } : { sessionId }),
      approve,
    });
    return { sessionId: run.sessionId, events: await eventsOf(run) };
  });
}

/** The session as a file in which all is claimed that can be, taken in elsewhere. */
export async function moveForged(from: Scene, to: Scene, sessionId: string): Promise<string> {
  const file = await withEngine(from, async ({ transfer }) => {
    let text = "";
    for await (const line of await transfer.export(sessionId, person)) text += line;
    return text;
  });
  return withEngine(to, ({ transfer }) => transfer.import(bytesOf(forgedExport(file)), person, { workspace: to.folder }));
}

async function* bytesOf(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text);
}

async function eventsOf(run: FollowedRun): Promise<readonly OrquestraEvent[]> {
  const events: OrquestraEvent[] = [];
  for await (const frame of run) if ("seq" in frame) events.push(frame);
  return events;
}

type Card = EventData<"approval-requested">;

function decisionsOn({ todos }: Card, task: SuiteTask): { readonly [todoId: string]: ApprovalDecision } {
  const isWanted = ({ summary, arguments: args }: Card["todos"][number]): boolean =>
    task.calls.some(({ tool, args: asked }) => summary.includes(tool) && sameArguments(asked, args));
  const wanted = todos.filter(isWanted);
  return Object.fromEntries(wanted.map(({ todoId }) => [todoId, "allow_once"]));
}
