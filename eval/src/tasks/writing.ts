import { isDeepStrictEqual } from "node:util";
import { type Check, fileHolds, says } from "../checks.ts";
import { call, from, plan, text } from "../scripted/solution.ts";
import type { Task } from "../task.ts";

const fromSeveralReads: Task = {
  name: "from-several-reads",
  about: "a new file out of three others",
  files: {
    "modules/anchor.md": "# Anchor\n\nOwner: Noor\n",
    "modules/beacon.md": "# Beacon\n\nOwner: Ines\n",
    "modules/compass.md": "# Compass\n\nOwner: Tomasz\n",
  },
  message: "Write OWNERS.md with one line per module in the folder modules: its name and its owner.",
  allowed: { files: ["OWNERS.md"] },
  checks: [fileHolds("OWNERS.md", /anchor.*noor/i, /beacon.*ines/i, /compass.*tomasz/i)],
  solution: {
    turns: [
      plan({
        a: call("file_read", { path: "modules/anchor.md" }),
        b: call("file_read", { path: "modules/beacon.md" }),
        c: call("file_read", { path: "modules/compass.md" }),
      }),
      plan({ write: call("file_write", { path: "OWNERS.md", text: "- Anchor: Noor\n- Beacon: Ines\n- Compass: Tomasz\n" }) }),
    ],
    answer: "OWNERS.md lists the three modules with their owners.",
  },
};

const contacts = [
  { name: "Lea Brandt", phone: "0151 22" },
  { name: "Sam O'Neill", phone: "0170 98" },
];

const isContacts: Check = {
  name: "contacts.json holds both contacts",
  wrong: ({ after }) => {
    try {
      return isDeepStrictEqual(JSON.parse(after.get("contacts.json") ?? ""), contacts)
        ? null
        : "contacts.json holds something else";
    } catch {
      return "contacts.json is missing or no JSON";
    }
  },
};

const structured: Task = {
  name: "structured-file",
  about: "JSON out of free text",
  files: { "contacts.txt": "Lea Brandt - 0151 22\nSam O'Neill - 0170 98\n" },
  message: 'Turn contacts.txt into contacts.json: an array of objects with "name" and "phone" (both texts), in the same order.',
  allowed: { files: ["contacts.json"] },
  checks: [isContacts],
  solution: {
    turns: [
      plan({ read: call("file_read", { path: "contacts.txt" }) }),
      plan({ write: call("file_write", { path: "contacts.json", text: `${JSON.stringify(contacts, null, 2)}\n` }) }),
    ],
    answer: "contacts.json holds both contacts.",
  },
};

const copied: Task = {
  name: "copied-by-reference",
  about: "put two files into one without retyping them",
  files: {
    "parts/head.txt": 'It begins with "quotes" and $dollars.\n',
    "parts/tail.txt": "It ends with `ticks` and \\ slashes.\n",
  },
  message: "Make whole.txt out of parts/head.txt followed by parts/tail.txt, exactly as they are.",
  allowed: { files: ["whole.txt"] },
  checks: [fileHolds("whole.txt", /^It begins with "quotes" and \$dollars\.\nIt ends with `ticks` and \\ slashes\.\n$/)],
  solution: {
    turns: [
      plan({
        head: call("file_read", { path: "parts/head.txt" }),
        tail: call("file_read", { path: "parts/tail.txt" }),
        write: call("file_write", { path: "whole.txt", text: text`${from("head", "/text")}${from("tail", "/text")}` }),
      }),
    ],
    answer: "whole.txt is both parts in a row.",
  },
};

const drafted: Task = {
  name: "drafted",
  about: "a summary that a model writes in the middle of a plan",
  files: {
    "diary.txt": "Monday: pruned the apple trees in the orchard.\nTuesday: rain.\nWednesday: mended the orchard fence.\n",
  },
  message: "Write a one-sentence summary of diary.txt to summary.txt and tell me what it says.",
  allowed: { files: ["summary.txt"] },
  checks: [fileHolds("summary.txt", "orchard"), says("orchard")],
  solution: {
    turns: [
      plan({
        read: call("file_read", { path: "diary.txt" }),
        draft: call("ask_model", { question: "Summarise this in one sentence.", inputs: [from("read", "/text")] }),
        write: call("file_write", { path: "summary.txt", text: text`${from("draft", "/answer")}\n` }),
      }),
    ],
    answer: ({ result }) => `It says: ${result("draft").replace(/^answer: /, "")}`,
    asked: (prompt) =>
      prompt.includes("apple trees") ? "Work in the orchard, and rain between." : "There is nothing to sum up.",
  },
};

export const writing: readonly Task[] = [fromSeveralReads, structured, copied, drafted];
