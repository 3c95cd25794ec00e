import { Script } from "./script.ts";

/** States of the page worth looking at. Every script is a session of its own. */
export { finished, harmless, payments } from "./payment-scripts.ts";
export { crowded, fanned, refusedKey } from "./script-plans.ts";
export { costly, planned, struggling } from "./todo-scripts.ts";
export { interrupted } from "./unknown-scripts.ts";

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
