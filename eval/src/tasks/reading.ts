import { says, within } from "../checks.ts";
import { call, from, onlySays, plan } from "../scripted/solution.ts";
import type { Task } from "../task.ts";

const findAndAnswer: Task = {
  name: "find-and-answer",
  about: "find a value in a small project",
  files: {
    "README.md": "# Harbour\n\nA small server. Its defaults stand in the source.\n",
    "src/server.ts": 'import { defaults } from "./config/defaults.ts";\n\nlisten(defaults.listenPort);\n',
    "src/config/defaults.ts": "export const defaults = {\n  listenPort: 8417,\n  idleSeconds: 90,\n};\n",
  },
  message: "Which port does the server in this project listen on by default?",
  checks: [says("8417"), within(4)],
  solution: {
    turns: [
      plan({
        found: call("code_search", { pattern: "listenPort:", path: "src" }),
        read: call("file_read", { path: from("found", "/matches/0/path") }),
      }),
    ],
    answer: ({ result }) => `It listens on ${/listenPort: (\d+)/.exec(result("read"))?.[1]}.`,
  },
  bad: [{ solution: onlySays("It listens on port 8080.") }],
};

const countMatches: Task = {
  name: "count-matches",
  about: "count over a folder; the scripted model mistypes a tool first",
  files: {
    "lib/a.py": "# FIXME: slow\nx = 1\n# FIXME: wrong for zero\n",
    "lib/b.py": "# fine\n",
    "lib/deep/c.py": "# FIXME: units\ny = 2  # FIXME: name\n# FIXME: test\n",
    "notes.txt": "FIXME is a word in this sentence that is not in lib.\n",
  },
  message: "How many FIXME comments are there in the lib folder? Give the number.",
  checks: [says("5")],
  solution: {
    turns: [plan({ hits: call("code_search", { pattern: "FIXME", path: "lib" }, { slip: { tool: "search_code" } }) })],
    answer: ({ result }) => `There are ${result("hits").split("FIXME").length - 1} FIXME comments in lib.`,
  },
  bad: [{ solution: onlySays("There are 6.") }],
};

const amounts = [120, 75, 310, 42, 98, 205, 61, 17, 500, 33, 88, 146];

const fanOut: Task = {
  name: "fan-out",
  about: "read a dozen files and add up",
  files: Object.fromEntries(
    amounts.map((amount, index) => [
      `invoices/2026-${String(index + 1).padStart(2, "0")}.txt`,
      `Invoice ${index + 1}\nTotal: ${amount}\n`,
    ]),
  ),
  message: "Add up the totals of all invoices in the folder invoices. What is the sum?",
  checks: [says(/1[,.]?695/), within(4)],
  solution: {
    turns: [
      plan({
        listed: call("list_files", { path: "invoices" }),
        all: call("file_read", { path: from("listed", "/entries/*/path") }),
      }),
    ],
    answer: ({ result }) => {
      const totals = [...result("all").matchAll(/Total: (\d+)/g)].map(([, total]) => Number(total));
      return `The ${totals.length} invoices come to ${totals.reduce((sum, total) => sum + total, 0)}.`;
    },
  },
  bad: [{ solution: onlySays("The sum is 1595.") }],
};

const hops = ["clues/one", "clues/two", "rooms/north/three", "rooms/four", "chest"];

const longChain: Task = {
  name: "long-chain",
  about: "follow five files, each naming the next",
  files: {
    start: hops[0] ?? "",
    ...Object.fromEntries(hops.map((hop, index) => [hop, hops[index + 1] ?? "The word is TAMARIND."])),
  },
  message:
    "The file start holds the path of another file, which holds the path of the next, and so on. Which word stands in the last one?",
  checks: [says("tamarind")],
  solution: {
    turns: [
      plan({
        a: call("file_read", { path: "start" }),
        b: call("file_read", { path: from("a", "/text") }),
        c: call("file_read", { path: from("b", "/text") }),
        d: call("file_read", { path: from("c", "/text") }),
        e: call("file_read", { path: from("d", "/text") }),
        f: call("file_read", { path: from("e", "/text") }),
      }),
    ],
    answer: ({ result }) => `The word is ${/word is (\w+)/.exec(result("f"))?.[1]}.`,
  },
};

const similarFiles: Task = {
  name: "similar-files",
  about: "choose the right one of four look-alikes",
  files: {
    "config/service.json": '{ "retries": 2, "timeout": 10 }\n',
    "config/service.production.json": '{ "retries": 5, "timeout": 45 }\n',
    "config/service.production.old.json": '{ "retries": 5, "timeout": 30 }\n',
    "config/service.staging.json": '{ "retries": 3, "timeout": 20 }\n',
    "README.md": "Files that end in .old.json are no longer read.\n",
  },
  message: "What is the timeout in the production configuration that is in use?",
  checks: [says("45")],
  solution: {
    turns: [
      plan({
        read: call("file_read", { path: "config/service.production.json" }),
        notes: call("file_read", { path: "README.md" }),
      }),
    ],
    answer: ({ result }) => `In production the timeout is ${/timeout[":\s\\]+(\d+)/.exec(result("read"))?.[1]}.`,
  },
  bad: [{ solution: onlySays("It is 30.") }],
};

const lastError: Task = {
  name: "long-log",
  about: "find the last error in a log of a thousand lines",
  files: {
    "logs/app.log": Array.from({ length: 1000 }, (_, line) =>
      line === 211
        ? "2026-03-02 ERROR E1180 disk slow"
        : line === 764
          ? "2026-03-05 ERROR E4711 queue full"
          : `2026-03-05 INFO tick ${line}`,
    ).join("\n"),
  },
  message: "Which error code was logged last in logs/app.log?",
  checks: [says("E4711")],
  solution: {
    turns: [plan({ errors: call("code_search", { pattern: "ERROR", path: "logs/app.log" }) })],
    answer: ({ result }) => `The last one is ${[...result("errors").matchAll(/E\d{4}/g)].at(-1)?.[0]}.`,
  },
  bad: [{ solution: onlySays("It was E1180.") }],
};

const emptyResult: Task = {
  name: "empty-result",
  about: "say honestly that there is nothing",
  files: {
    "src/tides.ts": "export function nextTide(): number {\n  return 6;\n}\n",
    "src/index.ts": 'export * from "./tides.ts";\n',
  },
  message: "In which file is the function computeMoonPhase defined?",
  checks: [says(/\b(?:not|no|nowhere|none)\b|n['’]t\b/i)],
  solution: {
    turns: [plan({ hits: call("code_search", { pattern: "computeMoonPhase" }) })],
    answer: ({ result }) =>
      result("hits").includes("path") ? "It is defined there." : "There is no function computeMoonPhase in this folder.",
  },
  bad: [{ solution: onlySays("It is defined in src/tides.ts.") }],
};

const matchesToFiles: Task = {
  name: "matches-to-files",
  about: "read the files of many matches, several in one file",
  files: {
    "recipes/bread.txt": "flour 500\nflour for dusting\nmore flour\nBakes: 40 minutes\n",
    "recipes/cake.txt": "flour 250\nno other flour\nflour sieve\nBakes: 35 minutes\n",
    "recipes/jam.txt": "plums 1000\nBoils: 20 minutes\n",
  },
  message: "How many minutes do all recipes that need flour bake, added up?",
  checks: [says("75"), within(4)],
  solution: {
    turns: [
      plan({
        found: call("code_search", { pattern: "flour", path: "recipes" }),
        read: call("file_read", { path: from("found", "/matches/*/path") }),
      }),
    ],
    answer: ({ result }) => {
      const minutes = [...result("read").matchAll(/Bakes: (\d+)/g)].map(([, bakes]) => Number(bakes));
      return `Together they bake ${minutes.reduce((sum, bakes) => sum + bakes, 0)} minutes.`;
    },
  },
};

const moreRows: Task = {
  name: "compare-files",
  about: "compare two files read side by side",
  files: { "east.csv": "id\n1\n2\n3\n4\n", "west.csv": "id\n7\n8\n9\n10\n11\n12\n" },
  message: "Which has more data rows, east.csv or west.csv, and by how many?",
  checks: [says("west", /\b(?:2|two)\b/i), within(3)],
  solution: {
    turns: [plan({ east: call("file_read", { path: "east.csv" }), west: call("file_read", { path: "west.csv" }) })],
    answer: "west.csv has 6 rows and east.csv 4: west has 2 more.",
  },
  bad: [{ solution: onlySays("east.csv has more rows.") }],
};

export const reading: readonly Task[] = [
  findAndAnswer,
  countMatches,
  fanOut,
  matchesToFiles,
  longChain,
  similarFiles,
  lastError,
  emptyResult,
  moreRows,
];
