import { edit, outside, post, readmeDiff, user, workspace } from "./script-cards.ts";
import { Script } from "./script.ts";

/** The moment of the pictures: three reads done, a command running, an edit and a request waiting. */
export function payments(sessionId = "payments"): Script {
  const script = new Script(sessionId, { title: "Retry the failing payments" });
  return script
    .before(5_000)
    .ask("r1", "Payments fail when the gateway answers 429. Retry them properly and prove it.", ["src/payments/client.ts"])
    .turn(1)
    .part(
      "p0",
      1,
      "The client lives in src/payments. I should look at how it retries, and at what the gateway asks for.",
      "reasoning",
    )
    .part(
      "p1",
      1,
      "The client gives up on the first `429`. The gateway asks callers to honour `Retry-After`, at most three times. I would change one function and leave the callers alone.",
    )
    .after(500)
    .todo({ id: "t1", tool: "code_search", title: 'Search "retry" in src', args: { pattern: "retry", path: "src" } })
    .event("todo-started", { todoId: "t1", attempt: 1 })
    .after(150)
    .todo({ id: "t2", tool: "file_read", title: "Read payments/client.ts", args: { path: "src/payments/client.ts" } })
    .todo({ id: "t3", tool: "web_fetch", title: "Read the gateway's docs", args: { url: "https://docs.gateway.example/limits" } })
    .event("todo-started", { todoId: "t3", attempt: 1 })
    .after(150)
    .event("todo-completed", {
      todoId: "t1",
      ms: 300,
      preview: {
        matches: [
          { path: "src/payments/client.ts", line: 12, text: "  await gateway.post('/charge', order)" },
          {
            path: "src/lib/retry.ts",
            line: 3,
            text: "export async function retry<T>(run: () => Promise<T>, options: RetryOptions) {",
          },
        ],
      },
    })
    .event("todo-started", { todoId: "t2", attempt: 1 })
    .after(200)
    .event("todo-completed", {
      todoId: "t2",
      ms: 200,
      preview:
        "import { gateway } from './gateway.ts'\n\nexport async function charge(order: Order) {\n  await gateway.post('/charge', order)\n}",
    })
    .after(100)
    .todo({
      id: "t4",
      tool: "command_run",
      title: "Run the payment tests",
      args: { command: "npm test payments" },
      effects: ["exec"],
    })
    .todo({
      id: "t5",
      tool: "file_edit",
      title: "Edit client.ts",
      args: { path: "src/payments/client.ts" },
      effects: ["write"],
      dependsOn: ["t2", "t3"],
      control: workspace,
    })
    .todo({
      id: "t6",
      tool: "http_request",
      title: "Post to the gateway sandbox",
      args: { url: { $ref: "t3#/links/0" } },
      effects: ["egress"],
      dependsOn: ["t3"],
      control: outside,
      status: "proposed",
    })
    .endTurn(1, 3_012, 400)
    .event("todo-started", { todoId: "t4", attempt: 1 })
    .said(
      "t4",
      "$ npm test payments\n✓ charges an order once 41 ms\n✓ refuses an order without an address 3 ms\n▸ gives up after the third 429",
    )
    .after(1_400)
    .event("todo-completed", {
      todoId: "t3",
      ms: 2_000,
      preview: "429 means: wait as long as Retry-After says, at most three times.",
    })
    .after(100)
    .event("todo-updated", { todoId: "t5", status: "waiting_approval" })
    .event("approval-requested", { approvalId: "ap1", kind: "effects", todos: [edit, post] });
}

/** Everything can be undone and nothing came from outside. */
export function harmless(): Script {
  return new Script("harmless", { title: "Document the payments" })
    .before(4_000)
    .ask("r1", "Write a short page about payments.")
    .turn(1)
    .part("p1", 1, "I will write `docs/payments.md`.")
    .todo({
      id: "t1",
      tool: "file_write",
      title: "Write docs/payments.md",
      args: { path: "docs/payments.md", text: "…" },
      effects: ["write"],
    })
    .endTurn(1, 1_200, 80)
    .event("todo-updated", { todoId: "t1", status: "waiting_approval" })
    .event("approval-requested", {
      approvalId: "ap1",
      kind: "effects",
      todos: [
        {
          ...edit,
          todoId: "t1",
          summary: "create docs/payments.md: 3 lines",
          arguments: { path: "docs/payments.md", text: "# Payments\n\nA charge is tried three times." },
          diff: [readmeDiff],
          control: user,
          provenance: [],
          rule: "file_write in /home/ann/shop-api, path docs/payments.md",
        },
      ],
    })
    .event("run-waiting", {});
}

/** The end of a run that changed two files. */
export function finished(): Script {
  return new Script("finished", { title: "Retry the failing payments" })
    .before(90_000)
    .ask("r1", "Payments fail when the gateway answers 429. Retry them properly and prove it.")
    .turn(1)
    .after(400)
    .part("p1", 1, "I will read the client first, then change it and run its tests.")
    .todo({ id: "t1", tool: "file_read", title: "Read payments/client.ts", args: { path: "src/payments/client.ts" } })
    .todo({ id: "t2", tool: "code_search", title: 'Search "retry" in src', args: { pattern: "retry" } })
    .event("todo-started", { todoId: "t1", attempt: 1 })
    .event("todo-started", { todoId: "t2", attempt: 1 })
    .after(300)
    .event("todo-completed", { todoId: "t1", ms: 300, preview: "export async function charge(order: Order) {" })
    .after(500)
    .event("todo-completed", { todoId: "t2", ms: 800, preview: { matches: [] } })
    .todo({
      id: "t3",
      tool: "file_edit",
      title: "Edit client.ts",
      args: { path: "src/payments/client.ts" },
      effects: ["write"],
      dependsOn: ["t1"],
    })
    .todo({
      id: "t4",
      tool: "file_write",
      title: "Write docs/payments.md",
      args: { path: "docs/payments.md" },
      effects: ["write"],
    })
    .endTurn(1, 3_100, 210)
    .event("approval-requested", {
      approvalId: "ap1",
      kind: "effects",
      todos: [
        { ...edit, todoId: "t3" },
        { ...edit, todoId: "t4", summary: "create docs/payments.md: 3 lines" },
      ],
    })
    .event("run-waiting", {})
    .after(60_000)
    .event("approval-resolved", { approvalId: "ap1", decision: "allow_once", by: "ann" })
    .event("run-resumed", {})
    .event("checkpoint-created", { todoId: "t3", path: "src/payments/client.ts", status: "changed", added: 2, removed: 1 })
    .event("checkpoint-created", { todoId: "t4", path: "docs/payments.md", status: "created", added: 3, removed: 0 })
    .ran("t3", 40, "changed")
    .ran("t4", 30, "created")
    .turn(2)
    .todo({
      id: "t5",
      tool: "command_run",
      title: "Run the payment tests",
      args: { command: "npm test payments" },
      effects: ["exec"],
      turn: 2,
    })
    .after(700)
    .endTurn(2, 3_600, 90)
    .ran("t5", 4_200, {
      exitCode: 0,
      stdout: "✓ charges an order once\n✓ refuses an order without an address\n✓ gives up after the third 429\n\n3 passed",
    })
    .turn(3)
    .after(900)
    .part(
      "p2",
      3,
      "The client now retries a `429` up to **three times** and waits as long as `Retry-After` says. All three payment tests pass.\n\n- `src/payments/client.ts`: `charge` goes through `retry`\n- `docs/payments.md`: says so\n\nNothing else calls the gateway directly.",
    )
    .endTurn(3, 4_000, 120)
    .event("message-completed", { messageId: "a-r1", text: "The client now retries." })
    .event("run-completed", {
      stopReason: "end_turn",
      usage: { inputTokens: 10_700, outputTokens: 420, cachedInputTokens: 6_100 },
      cost: 0.0312,
    });
}
