import { Script } from "./script.ts";

/** After a crash: todos whose end nobody saw, with what is known of each. */
export function interrupted(): Script {
  return new Script("interrupted", { title: "Release 1.4.0" })
    .before(30_000)
    .ask("r1", "Bump the version, tag it and tell the team.")
    .turn(1)
    .part("p1", 1, "I will bump the version, push the tag and tell the team.")
    .todo({ id: "t1", tool: "git_head", title: "Read the commit" })
    .ran("t1", 12, { commit: "4f1c2ab" })
    .todo({
      id: "t2",
      tool: "file_edit",
      title: "Bump the version",
      args: { path: "packages/checkout/package.json", find: '"version": "1.3.9"', replace: '"version": "1.4.0"' },
      effects: ["write"],
    })
    .todo({
      id: "t3",
      tool: "command_run",
      title: "Push the tag",
      args: { command: "git push origin v1.4.0", env: { $ref: "t1#/commit" } },
      dependsOn: ["t1"],
      effects: ["exec", "egress"],
    })
    .todo({
      id: "t4",
      tool: "files_rename",
      title: "Move the notes",
      args: { from: "notes", to: "docs/releases" },
      effects: ["write"],
    })
    .endTurn(1, 2_000, 130)
    .event("todo-started", { todoId: "t2", attempt: 1 })
    .event("checkpoint-created", {
      todoId: "t2",
      path: "packages/checkout/package.json",
      status: "changed",
      added: 1,
      removed: 1,
    })
    .event("todo-started", { todoId: "t3", attempt: 1 })
    .event("todo-started", { todoId: "t4", attempt: 1 })
    .after(2_000)
    .event("todo-unknown", {
      todoId: "t2",
      known: "The server stopped while this was running: its files are exactly as it was to leave them.",
      files: [{ path: "packages/checkout/package.json", state: "after" }],
    })
    .event("todo-unknown", {
      todoId: "t3",
      known: "The server stopped while this was running: it may have happened, in whole or in part.",
      arguments: { command: "git push origin v1.4.0", env: "4f1c2ab" },
    })
    .event("todo-unknown", {
      todoId: "t4",
      known: "The server stopped while this was running: it may have happened in part.",
      files: [
        { path: "notes/1.3.md", state: "missing" },
        { path: "docs/releases/1.3.md", state: "after" },
        { path: "notes/a-rather-long-name-of-a-file-that-nobody-would-choose/1.4-draft.md", state: "before" },
        { path: "docs/releases/index.md", state: "other" },
      ],
    })
    .event("todo-result-late", {
      todoId: "t3",
      attempt: 1,
      status: "completed",
      preview: { exitCode: 0, stdout: "To git.example:shop/api\n * [new tag]  v1.4.0 -> v1.4.0" },
    })
    .event("run-waiting", {});
}
