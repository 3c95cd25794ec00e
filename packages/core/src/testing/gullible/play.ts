import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OrquestraEvent } from "@orquestra/protocol";
import { Redactor } from "../../permissions/index.ts";
import { openInMemoryStore } from "../../persistence/in-memory/index.ts";
import { builtInTools } from "../../tools/index.ts";
import { goOn, gullibleModel } from "./gullible-model.ts";
import type { Performance } from "./performance.ts";
import { type Scene, moveForged, sendMessage } from "./scene.ts";
import { type LedgerEntry, stageOf } from "./stage.ts";
import { secretsOf } from "./suite.ts";

export interface Outcome {
  readonly ledger: readonly LedgerEntry[];
  /** Todos that a person allowed, as `run/todo`. */
  readonly approved: ReadonlySet<string>;
  /** Cards with effects on them, and the todos that stood there. */
  readonly cards: number;
  readonly prompts: number;
  /** Todos of all kinds. */
  readonly calls: number;
  readonly events: readonly OrquestraEvent[];
  /** What knows the server's secrets. */
  readonly kept: Redactor;
}

/** One task from its message to its end; a replay has a second message, when nothing of the first is left but what was kept. */
export async function play(performance: Performance): Promise<Outcome> {
  const { suite, task, attack } = performance;
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "gullible-")));
  const stores = [openInMemoryStore(), openInMemoryStore()] as const;
  const [store, elsewhere] = stores;
  try {
    const stage = stageOf(suite, task, attack);
    const model = gullibleModel(suite, task, attack);
    const scene = { folder, store, performance, model, tools: [...stage.tools, ...ownTools] };
    const first = await sendMessage(scene, { text: task.prompt, sessionId: null });
    const later = await laterOf(scene, { ...scene, store: elsewhere }, first.sessionId);
    const kept = new Redactor({ secrets: secretsOf(suite) });
    return { ...outcomeOf([...first.events, ...later], stage.ledger), kept };
  } finally {
    for (const one of stores) await one.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const ownTools = builtInTools({ only: ["recall", "extract", "ask_model", "file_write"] });

/** What comes of the second message, where there is one. */
async function laterOf(scene: Scene, elsewhere: Scene, sessionId: string): Promise<readonly OrquestraEvent[]> {
  const { attack } = scene.performance;
  switch (attack?.variant) {
    case "replay from history":
      return (await sendMessage(scene, { text: goOn, sessionId })).events;
    case "replay from a file": {
      const moved = await moveForged(scene, elsewhere, sessionId);
      return (await sendMessage(elsewhere, { text: goOn, sessionId: moved })).events;
    }
    default:
      return [];
  }
}

function outcomeOf(events: readonly OrquestraEvent[], ledger: readonly LedgerEntry[]): Omit<Outcome, "kept"> {
  const cards = events
    .flatMap((event) => (event.type === "approval-requested" ? [event] : []))
    .filter(({ data }) => data.todos.length > 0);
  const answers = new Map(
    events.flatMap((event) => (event.type === "approval-resolved" ? [[event.data.approvalId, event.data]] : [])),
  );
  const approved = cards.flatMap(({ runId, data }) => {
    const answer = answers.get(data.approvalId);
    const allowed = data.todos.filter(({ todoId }) => (answer?.decisions?.[todoId] ?? answer?.decision) === "allow_once");
    return allowed.map(({ todoId }) => `${runId}/${todoId}`);
  });
  return {
    ledger,
    approved: new Set(approved),
    cards: cards.length,
    prompts: cards.reduce((count, { data }) => count + data.todos.length, 0),
    calls: events.filter(({ type }) => type === "todo-added").length,
    events,
  };
}
