import { edit, post, user, workspace } from "./script-cards.ts";
import { Script } from "./script.ts";

/** Todos that have not started, with arguments of every kind; two of them wait for an answer. */
export function planned(): Script {
  const summary = "Tried {{result}} three times.";
  return new Script("planned", { title: "Tell the gateway what was found" })
    .before(6_000)
    .ask("r1", "Find the retries, write them down and tell the gateway.")
    .turn(1)
    .part("p1", 1, "I look for them, write a page, and send its first finding.")
    .todo({ id: "t1", tool: "code_search", title: 'Search "retry" in src', args: { pattern: "retry", path: "src" } })
    .ran("t1", 220, { matches: [{ path: "src/lib/retry.ts", line: 3, text: "export async function retry<T>(" }] })
    .todo({
      id: "t2",
      tool: "command_run",
      title: "Run the tests of the whole shop",
      args: { command: "npm test" },
      effects: ["exec"],
    })
    .todo({
      id: "t3",
      tool: "file_write",
      title: "Write docs/retries.md",
      args: { path: "docs/retries.md", text: `# Retries\n\n${summary}\n` },
      effects: ["write"],
      dependsOn: ["t1"],
      control: workspace,
    })
    .todo({
      id: "t4",
      tool: "http_request",
      title: "Tell the gateway",
      args: {
        url: "https://gateway.example/api/findings",
        file: { $ref: "t1#/matches/0/path" },
        body: { $concat: ["Found in ", { $ref: "t1#/matches/0/path" }, ", please look."] },
        attempts: 3,
        follow: true,
        headers: { accept: "application/json" },
      },
      effects: ["egress"],
      dependsOn: ["t1"],
    })
    .todo({
      id: "t5",
      tool: "file_edit",
      title: "Link the new page from the table of contents",
      args: { path: "docs/index.md", old: "- Payments", new: "- Payments\n- Retries" },
      effects: ["write"],
      dependsOn: ["t2", "t3"],
    })
    .endTurn(1, 2_100, 190)
    .event("todo-started", { todoId: "t2", attempt: 1 })
    .said("t2", "$ npm test\n✓ payments 41 ms\n✓ orders 12 ms")
    .event("todo-updated", { todoId: "t3", status: "waiting_approval" })
    .event("todo-updated", { todoId: "t4", status: "waiting_approval" })
    .event("approval-requested", {
      approvalId: "ap1",
      kind: "effects",
      todos: [
        {
          ...edit,
          todoId: "t3",
          summary: "create docs/retries.md: 3 lines",
          arguments: { path: "docs/retries.md", text: `# Retries\n\n${summary}\n` },
          diff: [],
          provenance: [],
          rule: "file_write in /home/ann/shop-api, path docs/retries.md",
        },
        {
          ...post,
          todoId: "t4",
          summary: "send POST https://gateway.example/api/findings",
          arguments: { url: "https://gateway.example/api/findings", body: "Found in src/lib/retry.ts, please look." },
          provenance: [],
          control: user,
        },
      ],
    });
}

/** What does not go as it should: one is silent, one is tried again by itself, others ended without a result. */
export function struggling(): Script {
  const script = new Script("struggling", { title: "Check the health of every service" })
    .before(32_000)
    .ask("r1", "Check the health of every service.")
    .turn(1)
    .part("p1", 1, "I ask each service, and run the smoke tests meanwhile.")
    .event("notice", { text: "Anthropic is overloaded or failing (529). openai/gpt-5 is asked instead." })
    .todo({ id: "t1", tool: "command_run", title: "Run the smoke tests", args: { command: "npm run smoke" }, effects: ["exec"] })
    .todo({
      id: "t2",
      tool: "web_fetch",
      title: "Ask the payment service",
      args: { url: "https://payments.example/health", seconds: 8 },
    })
    .todo({ id: "t3", tool: "web_fetch", title: "Ask the order service", args: { url: "https://orders.example/health" } })
    .todo({ id: "t4", tool: "file_write", title: "Write health.md", args: { path: "health.md", text: "…" }, effects: ["write"] })
    .todo({ id: "t5", tool: "command_run", title: "Restart the worker", args: { command: "make restart" }, effects: ["exec"] })
    .todo({ id: "t6", tool: "command_run", title: "Warm the caches", args: { command: "make warm" }, effects: ["exec"] });
  for (const [index, name] of ["eu", "us", "asia"].entries()) {
    script.todo({
      id: `t6.${index + 1}`,
      tool: "command_run",
      title: "Warm",
      args: { command: `make warm region=${name}` },
      effects: ["exec"],
      parent: "t6",
    });
  }
  return script
    .endTurn(1, 1_900, 160)
    .event("todo-started", { todoId: "t1", attempt: 1 })
    .said("t1", "$ npm run smoke\nwaiting for the database …")
    .event("todo-started", { todoId: "t5", attempt: 1 })
    .after(900)
    .event("todo-cancelled", { todoId: "t5", reason: "Stopped by the user." })
    .event("todo-started", { todoId: "t2", attempt: 1 })
    .after(8_000)
    .event("todo-failed", {
      todoId: "t2",
      error: { code: "network", message: "payments.example did not answer within 8 s." },
      ms: 8_000,
    })
    .event("todo-skipped", { todoId: "t4", reason: "The user skipped it." })
    .event("todo-started", { todoId: "t6", attempt: 1 })
    .event("todo-started", { todoId: "t6.2", attempt: 1 })
    .before(20_000)
    .event("todo-silent", { todoId: "t1", seconds: 20 })
    .before(3_000)
    .event("todo-started", { todoId: "t3", attempt: 1 })
    .after(2_500)
    .event("todo-retried", {
      todoId: "t3",
      attempt: 1,
      error: { code: "http", message: "orders.example answered 503: no worker is free.", retryable: true },
      delayMs: 2_500,
    });
}

/** A run that has cost all it may. */
export function costly(): Script {
  return new Script("costly", { title: "Translate the handbook" })
    .before(90_000)
    .ask("r0", "How long is the handbook?")
    .turn(1)
    .part("p0", 1, "It has 214 pages.")
    .endTurn(1, 3_100, 20)
    .event("run-completed", { stopReason: "end_turn", usage: { inputTokens: 3_100, outputTokens: 20 }, cost: 0.0124 })
    .ask("r1", "Translate it into French.")
    .turn(1)
    .todo({ id: "t1", tool: "ask_model", title: "Translate chapter 1", args: { prompt: "Translate" } })
    .ran("t1", 9_000, "Chapitre 1")
    .endTurn(1, 41_000, 9_100)
    .event("approval-requested", {
      approvalId: "ap1",
      kind: "budget",
      todos: [],
      question: "This run has reached its limit of $0.50: it has cost $0.512. Go on with $0.50 more?",
    })
    .event("run-waiting", {});
}
