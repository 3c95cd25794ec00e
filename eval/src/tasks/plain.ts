import { answers, callsNothing, says, within } from "../checks.ts";
import { call, onlySays, plan } from "../scripted/solution.ts";
import type { Task } from "../task.ts";

const greeting: Task = {
  name: "greeting",
  about: "answer a greeting without tools",
  files: { "a.txt": "a\n" },
  message: "Hello, how are you?",
  checks: [answers, callsNothing, within(1)],
  solution: onlySays("Hello! I am fine. What can I do for you?"),
};

const arithmetic: Task = {
  name: "arithmetic",
  about: "answer at once what needs no tool",
  message: "What is 17 times 23? Just the number.",
  checks: [says("391"), callsNothing, within(1)],
  solution: onlySays("391"),
};

const ambiguous: Task = {
  name: "ambiguous",
  about: "ask back instead of guessing what to overwrite",
  files: { "draft-1.txt": "One.\n", "draft-2.txt": "Two.\n", "draft-3.txt": "Three.\n" },
  message: "Replace the draft by the new version.",
  checks: [says(/[?？]|which|what/i)],
  solution: {
    turns: [plan({ listed: call("list_files", {}) })],
    answer: "There are three drafts. Which one do you mean, and what is the new version?",
  },
  bad: [{ solution: { turns: [plan({ write: call("file_write", { path: "draft-1.txt", text: "New.\n" }) })], answer: "Done." } }],
};

const stopWhenDone: Task = {
  name: "stop-when-done",
  about: "stop when the question is answered",
  files: { LICENSE: "Apache License 2.0\n", "src/a.ts": "export {};\n" },
  message: "Is there a file LICENSE in this folder? Yes or no.",
  checks: [says("yes"), within(2)],
  solution: { turns: [plan({ listed: call("list_files", { pattern: "LICENSE*" }) })], answer: "Yes." },
  bad: [{ solution: onlySays("No.") }],
};

export const plain: readonly Task[] = [greeting, arithmetic, ambiguous, stopWhenDone];
