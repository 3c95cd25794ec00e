import type { ApprovalTodo, FileDiff } from "@orquestra/protocol";
import { Script } from "./script.ts";

/** One state of the page worth looking at. Every script is a session of its own. */
export const outside = { integrity: "outside", confidentiality: "public" } as const;
export const user = { integrity: "user", confidentiality: "public" } as const;
export const workspace = { integrity: "workspace", confidentiality: "public" } as const;

const chargeDiff: FileDiff = {
  path: "src/payments/client.ts",
  status: "changed",
  added: 2,
  removed: 1,
  hunks: [
    {
      id: "h1",
      oldStart: 12,
      oldLines: 3,
      newStart: 12,
      newLines: 4,
      lines: [
        { kind: "context", text: "export async function charge(order: Order) {" },
        { kind: "removed", text: "  await gateway.post('/charge', order)" },
        { kind: "added", text: "  await retry(() => gateway.post('/charge', order)," },
        { kind: "added", text: "    { attempts: 3, after: retryAfter })" },
      ],
    },
  ],
};

const readmeDiff: FileDiff = {
  path: "docs/payments.md",
  status: "created",
  added: 3,
  removed: 0,
  hunks: [
    {
      id: "h2",
      oldStart: 0,
      oldLines: 0,
      newStart: 1,
      newLines: 3,
      lines: [
        { kind: "added", text: "# Payments" },
        { kind: "added", text: "" },
        { kind: "added", text: "A charge is tried three times. Between tries the client waits as long as `Retry-After` says." },
      ],
    },
  ],
};

export const diffs: readonly FileDiff[] = [chargeDiff, readmeDiff];

const edit: ApprovalTodo = {
  todoId: "t5",
  effects: ["write"],
  summary: "change src/payments/client.ts: 2 lines added, 1 removed",
  arguments: {
    path: "src/payments/client.ts",
    old: "await gateway.post('/charge', order)",
    new: "await retry(() => gateway.post('/charge', order), { attempts: 3, after: retryAfter })",
  },
  provenance: [
    { argument: "/path", integrity: "workspace", source: "written by the model, which had read text of a folder you trust" },
  ],
  control: workspace,
  undoable: true,
  reasons: ["Mode ask: every change asks."],
  diff: [chargeDiff],
  rule: "file_edit in /home/ann/shop-api, path src/payments/client.ts",
};

const post: ApprovalTodo = {
  todoId: "t6",
  effects: ["egress"],
  summary: "send POST https://sandbox.gateway.example/ping",
  arguments: { url: "https://sandbox.gateway.example/ping", method: "POST" },
  provenance: [{ argument: "/url", integrity: "outside", source: "copied from t3 (web_fetch), text nobody vouches for" }],
  control: outside,
  undoable: false,
  reasons: ["It was written after text from outside had been read.", "It sends something to another machine."],
};

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

/** What goes wrong: lines that were not understood, a failure, an interruption nobody can judge. */
export function trouble(): Script {
  return new Script("trouble", { title: "Publish the release" })
    .before(20_000)
    .ask("r1", "Publish the release.")
    .turn(1)
    .part("p1", 1, "I will build it, tag it, and push the tag.")
    .todo({ id: "t1", tool: "file_read", title: "Read package.json", args: { path: "package.json" } })
    .ran("t1", 12, '{ "version": "1.4.0" }')
    .todo({
      id: "t2",
      tool: "web_fetch",
      title: "Read the registry's status page",
      args: { url: "https://status.registry.example/api" },
    })
    .event("todo-started", { todoId: "t2", attempt: 3 })
    .after(9_000)
    .event("todo-failed", {
      todoId: "t2",
      error: { code: "network", message: "status.registry.example did not answer within 8 s." },
      ms: 9_000,
    })
    .event("todo-invalid", {
      todoId: "t3",
      line: '3. git_tag("v1.4.0", on: $1.commit',
      error: { code: "parse", message: "The bracket opened here is never closed." },
      turn: 1,
    })
    .todo({
      id: "t4",
      tool: "command_run",
      title: "Push the tag",
      args: { command: "git push origin v1.4.0" },
      effects: ["exec", "egress"],
      dependsOn: ["t3"],
    })
    .todo({
      id: "t5",
      tool: "file_write",
      title: "Write the changelog",
      args: { path: "CHANGELOG.md" },
      effects: ["write"],
      dependsOn: ["t2"],
    })
    .endTurn(1, 2_000, 130)
    .event("todo-started", { todoId: "t4", attempt: 1 })
    .after(2_000)
    .event("todo-skipped", { todoId: "t5", reason: "Todo 2, which it refers to, failed." })
    .event("todo-unknown", { todoId: "t4", known: "The server was restarted while it ran. The push had begun." })
    .event("run-waiting", {});
}

/** Text still coming in, in the middle of a code block. */
export function streaming(): Script {
  const script = new Script("streaming", { title: "Explain the retry helper" })
    .before(3_000)
    .ask("r1", "How does the retry helper work?")
    .turn(1)
    .part("p0", 1, "They want to understand `retry`. A short explanation with the core of the code will do.", "reasoning");
  return script.openPart(
    "p1",
    1,
    "`retry` calls a function until it **succeeds**, at most `attempts` times:\n\n```ts\nexport async function retry<T>(run: () => Promise<T>, options: RetryOptions): Promise<T> {\n  for (let attempt = 1; ; attempt += 1) {\n    try {\n      return await run();",
  );
}

export function failed(): Script {
  return new Script("failed", { title: "Why is checkout slow on mobile?" })
    .before(8_000)
    .ask("r1", "Why is checkout slow on mobile?")
    .turn(1)
    .after(1_500)
    .event("run-failed", {
      error: {
        code: "rate_limit",
        message: "Anthropic refused the request: too many requests in this minute (429).",
        retryable: true,
        retryAfterMs: 20_000,
      },
    });
}

/** A budget pause, messages in the queue, something said meanwhile. */
export function paused(): Script {
  return new Script("paused", { title: "Upgrade to Node 24" })
    .before(400_000)
    .ask("r1", "Upgrade everything to Node 24 and make the tests pass.")
    .turn(1)
    .part("p1", 1, "I start with the engines field and the CI images.")
    .todo({ id: "t1", tool: "code_search", title: 'Search "node" in the pipelines', args: { pattern: "node", path: ".github" } })
    .ran("t1", 220, { matches: [] })
    .todo({ id: "t2", tool: "file_read", title: "Read every package.json", args: { path: { $ref: "t1#/matches/*/path" } } })
    .todo({ id: "t2.1", tool: "file_read", title: "Read package.json", args: { path: "package.json" }, parent: "t2" })
    .todo({
      id: "t2.2",
      tool: "file_read",
      title: "Read apps/web/package.json",
      args: { path: "apps/web/package.json" },
      parent: "t2",
    })
    .todo({
      id: "t2.3",
      tool: "file_read",
      title: "Read apps/api/package.json",
      args: { path: "apps/api/package.json" },
      parent: "t2",
    })
    .event("todo-started", { todoId: "t2", attempt: 1 })
    .ran("t2.1", 20, "{}")
    .ran("t2.2", 21, "{}")
    .event("todo-started", { todoId: "t2.3", attempt: 1 })
    .event("run-steered", { text: "Leave the docs site alone." })
    .event("todo-completed", { todoId: "t2.3", ms: 30, preview: "{}" })
    .event("todo-completed", { todoId: "t2", ms: 90, preview: "3 files" })
    .endTurn(1, 182_000, 900)
    .event("notice", { text: "Earlier tool output was left out to make room." })
    .event("approval-requested", {
      approvalId: "ap1",
      kind: "budget",
      todos: [],
      question: "This run has used $0.50, all it may. Go on with another $0.50?",
    })
    .event("run-waiting", {})
    .queue("r2", "Then do the same for the docs site, in a branch of its own.")
    .queue("r3", "And write a summary.");
}

/** Markdown of every kind, and of the unkind kind. */
export function markdown(): Script {
  const text = `# What I found

There are **three** places, one of them *surprising*, and ~~none~~ [one doc page](https://docs.example.org/retries) that says so.

1. \`client.ts\` gives up at once
2. \`queue.ts\` retries for ever
   - without a pause
   - without a limit
3. The tests expect both

- [x] read the code
- [ ] ask the team

> Callers honour \`Retry-After\`.

| file | retries | pause |
| --- | ---: | --- |
| src/payments/client.ts | 0 | none |
| src/jobs/queue.ts | ∞ | none |

\`\`\`sh
npm test -- payments --reporter=verbose --run --coverage --coverage.reporter=text-summary
\`\`\`

---

![chart](https://tracker.example/pixel.png?user=ann) and <img src="https://tracker.example/x.png" onerror="alert(1)"> and [click me](javascript:alert(1)) and [your bank](https://evil.example/login).`;
  return new Script("markdown", { title: "Where do we retry?" })
    .before(60_000)
    .ask("r1", "Where do we retry, and where should we?")
    .turn(1)
    .part("p1", 1, text)
    .endTurn(1, 900, 300)
    .event("message-completed", { messageId: "a-r1", text })
    .event("run-completed", { stopReason: "end_turn", usage: { inputTokens: 900, outputTokens: 300 }, cost: 0.004 });
}

/** Many short runs, the last one cut off and stopped. */
export function long(): Script {
  const script = new Script("long", { title: "A long conversation about a good many things that have long titles" }).before(
    3_600_000,
  );
  for (let index = 1; index <= 40; index += 1) {
    script
      .ask(`r${index}`, `Question ${index}: what is in file ${index}?`)
      .turn(1)
      .todo({ id: "t1", tool: "file_read", title: `Read file-${index}.ts`, args: { path: `src/file-${index}.ts` } })
      .ran("t1", 20 + index, "text")
      .part(`p${index}`, 1, `File ${index} holds the **${index}th** step of the pipeline. `.repeat(1 + (index % 4)))
      .event("run-completed", { stopReason: "end_turn", usage: { inputTokens: 800 + index, outputTokens: 60 }, cost: 0.001 })
      .after(60_000);
  }
  return script
    .ask("r41", "And all of it together?")
    .turn(1)
    .part("p41", 1, "All together they are", "text", true)
    .event("run-cancelled", {});
}

export function empty(sessionId: string, fields: ConstructorParameters<typeof Script>[1] = {}): Script {
  return new Script(sessionId, fields);
}
