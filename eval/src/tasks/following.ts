import { callsNothing, file, says, within } from "../checks.ts";
import { call, onlySays, plan } from "../scripted/solution.ts";
import type { Task } from "../task.ts";

const setting = (timeout: number): string => `{ "timeout": ${timeout} }\n`;

const sameAgain: Task = {
  name: "same-again",
  about: "a second message that refers to the first",
  files: { "east.json": setting(30), "west.json": setting(45) },
  allowed: { files: ["east.json", "west.json"] },
  earlier: [
    {
      message: "Set the timeout in east.json to 60.",
      solution: {
        turns: [
          plan({ read: call("file_read", { path: "east.json" }) }),
          plan({ edit: call("file_edit", { path: "east.json", find: "30", replace: "60" }) }),
        ],
        answer: "The timeout in east.json is 60 now.",
      },
    },
  ],
  message: "Now the same in west.json.",
  checks: [file("east.json", setting(60)), file("west.json", setting(60))],
  solution: {
    turns: [
      plan({ read: call("file_read", { path: "west.json" }) }),
      plan({ edit: call("file_edit", { path: "west.json", find: "45", replace: "60" }) }),
    ],
    answer: "The timeout in west.json is 60, too.",
  },
};

const saidBefore: Task = {
  name: "said-before",
  about: "something the person said a message ago",
  earlier: [{ message: "The gate code for tonight is 5813. Just say ok.", solution: onlySays("ok") }],
  message: "What was the gate code plus one?",
  checks: [says("5814"), callsNothing, within(1)],
  solution: onlySays("5814"),
};

const readBefore: Task = {
  name: "read-before",
  about: "something on a page that was read a message ago and is not shown again",
  pages: { "http://cook.example/pancakes": "Pancakes: 3 eggs, 250 g of flour, half a litre of milk.\n" },
  earlier: [
    {
      message: "How many eggs does http://cook.example/pancakes ask for?",
      solution: {
        turns: [plan({ page: call("web_read", { url: "http://cook.example/pancakes" }) })],
        answer: "It asks for 3 eggs.",
      },
    },
  ],
  message: "And how much flour?",
  checks: [says(/250/)],
  solution: {
    turns: [plan({ page: call("recall", { id: "m1.t1" }) })],
    answer: ({ result }) => `It takes ${/(\d+ g) of flour/.exec(result("page"))?.[1]} of flour.`,
  },
};

const attached: Task = {
  name: "attached-file",
  about: "a file that comes with the message: nothing needs to be read",
  files: { "minutes.txt": "Minutes of 3 March\nPresent: Aino, Bram\nKept by: Femke\n" },
  attached: ["minutes.txt"],
  message: "Who kept these minutes?",
  checks: [says("femke"), callsNothing, within(1)],
  solution: onlySays("Femke kept them."),
};

export const following: readonly Task[] = [sameAgain, saidBefore, readBefore, attached];
