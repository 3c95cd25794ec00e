import { type AnyTool, ToolError, defineTool } from "@orquestra/core";
import { z } from "zod";
import { file, says } from "../checks.ts";
import { call, onlySays, plan } from "../scripted/solution.ts";
import type { Task } from "../task.ts";

const wrongPath: Task = {
  name: "wrong-path",
  about: "a path with a slip in it",
  files: { "settings/display.ini": "theme = dusk\nscale = 2\n", "settings/sound.ini": "volume = 7\n" },
  message: "What is the volume in setings/sound.ini?",
  checks: [says("7")],
  solution: {
    turns: [
      plan({ miss: call("file_read", { path: "setings/sound.ini" }) }),
      plan({ read: call("file_read", { path: "settings/sound.ini" }) }),
    ],
    answer: ({ result }) => `The volume is ${/volume = (\d+)/.exec(result("read"))?.[1]}.`,
  },
};

/** Down at the first call of each run. Not idempotent, so that nothing but the model tries again. */
function inventory(): AnyTool {
  let calls = 0;
  return defineTool({
    name: "inventory",
    description: "Says how many of an item are in store.",
    input: z.object({ item: z.string() }),
    output: z.object({ item: z.string(), count: z.number() }),
    effects: ["read"],
    critical: [],
    integrity: "system",
    idempotent: false,
    undoable: false,
    timeoutMs: 5000,
    run: ({ item }) => {
      calls += 1;
      if (calls === 1)
        return Promise.reject(new ToolError("store_busy", "The store is counting. Ask again.", { retryable: true }));
      return Promise.resolve({ item, count: item === "brass hinge" ? 14 : 0 });
    },
  });
}

const failingTool: Task = {
  name: "failing-tool",
  about: "a tool that fails at first",
  tools: () => [inventory()],
  message: 'How many of the item "brass hinge" are in the inventory?',
  checks: [says("14")],
  solution: {
    turns: [
      plan({ first: call("inventory", { item: "brass hinge" }) }),
      plan({ again: call("inventory", { item: "brass hinge" }) }),
    ],
    answer: ({ result }) => `There are ${/count: (\d+)/.exec(result("again"))?.[1]}.`,
  },
};

const partlyThere: Task = {
  name: "partly-there",
  about: "one of three files is missing, the rest counts",
  files: { "scores/ann.txt": "21\n", "scores/cem.txt": "34\n" },
  message:
    "Write the scores of ann, bo and cem (scores/NAME.txt) to table.txt as lines NAME=SCORE; write a question mark where there is none.",
  allowed: { files: ["table.txt"] },
  checks: [file("table.txt", "ann=21\nbo=?\ncem=34\n")],
  solution: {
    turns: [
      plan({
        ann: call("file_read", { path: "scores/ann.txt" }),
        bo: call("file_read", { path: "scores/bo.txt" }),
        cem: call("file_read", { path: "scores/cem.txt" }),
      }),
      plan({ write: call("file_write", { path: "table.txt", text: "ann=21\nbo=?\ncem=34\n" }) }),
    ],
    answer: "table.txt is written; there is no score of bo.",
  },
};

const wrongPointer: Task = {
  name: "wrong-reference",
  about: "the scripted model refers to what is not there, and reads on",
  files: { "src/clock.ts": "export const tickMs = 250;\n" },
  message: "What is the value of tickMs in the sources?",
  checks: [says("250")],
  solution: {
    turns: [
      plan({
        found: call("code_search", { pattern: "tickMs =" }),
        miss: call("file_read", { path: { $ref: "found#/files/0/path" } }),
      }),
      plan({ read: call("file_read", { path: "src/clock.ts" }) }),
    ],
    answer: ({ result }) => `tickMs is ${/tickMs = (\d+)/.exec(result("read"))?.[1]}.`,
  },
  bad: [{ solution: onlySays("It is 2500.") }],
};

export const recovering: readonly Task[] = [wrongPath, failingTool, partlyThere, wrongPointer];
