import { Script } from "./script.ts";

/** One todo for each of twelve packages; the sixth failed, two run. */
export function fanned(): Script {
  const script = new Script("fanned", { title: "Count the tests of every package" })
    .before(9_000)
    .ask("r1", "How many tests has every package?")
    .turn(1)
    .todo({ id: "t1", tool: "command_run", title: "Count the tests", args: { command: "grep -c" }, effects: ["exec"] })
    .event("todo-started", { todoId: "t1", attempt: 1 });
  for (let index = 1; index <= 12; index += 1) {
    const command = `grep -c test packages/package-${index}/src/a-rather-long-directory/index.test.ts`;
    script.todo({ id: `t1.${index}`, tool: "command_run", title: "Count", args: { command }, effects: ["exec"], parent: "t1" });
  }
  for (let index = 1; index <= 5; index += 1) script.ran(`t1.${index}`, 120 * index, "3");
  return script
    .event("todo-started", { todoId: "t1.6", attempt: 1 })
    .event("todo-failed", {
      todoId: "t1.6",
      error: { code: "exit", message: "grep: packages/package-6/src/a-rather-long-directory: No such file or directory" },
      ms: 300,
    })
    .event("todo-started", { todoId: "t1.7", attempt: 1 })
    .event("todo-started", { todoId: "t1.8", attempt: 1 });
}

/** Forty todos one after the other, from very short to very long, for more than a minute. */
export function crowded(): Script {
  const script = new Script("crowded", { title: "Rename the order type everywhere" })
    .before(100_000)
    .ask("r1", "Rename Order to Purchase everywhere, and tell me what you left alone.")
    .turn(1);
  for (let index = 1; index <= 40; index += 1) {
    script.todo({
      id: `t${index}`,
      tool: "file_edit",
      title: `Rename Order to Purchase in services/service-${index}/src/domain/order.ts`,
      args: { path: `services/service-${index}/src/domain/order.ts` },
      effects: ["write"],
    });
  }
  for (let index = 1; index <= 36; index += 1) script.ran(`t${index}`, index % 9 === 0 ? 14_000 : 40 * index, "ok");
  return script.event("todo-started", { todoId: "t37", attempt: 1 });
}

/** A key the provider does not know. */
export function refusedKey(): Script {
  return new Script("refused-key", { title: "Why is checkout slow?" })
    .before(8_000)
    .ask("r1", "Why is checkout slow?")
    .turn(1)
    .event("run-failed", {
      error: { code: "model_auth", message: `The key for openai was refused (401): sk-${"*".repeat(60)}abcd.`, retryable: false },
    });
}
