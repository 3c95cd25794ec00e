import { file, says } from "../checks.ts";
import { call, onlySays, plan } from "../scripted/solution.ts";
import type { Task } from "../task.ts";

const german: Task = {
  name: "german",
  about: "a German question about a file with umlauts in its name",
  files: {
    "Verträge/Mietvertrag Müller.txt": "Mietvertrag\nKaltmiete: 925 €\nKaution: zwei Kaltmieten\n",
    "Verträge/Mietvertrag Möller.txt": "Mietvertrag\nKaltmiete: 700 €\nKaution: 1.400 €\n",
  },
  message: "Wie hoch ist die Kaution im Mietvertrag Müller in Euro?",
  checks: [says(/1[.,  ]?850/, /Kaution|beträgt|hoch/)],
  solution: {
    turns: [plan({ read: call("file_read", { path: "Verträge/Mietvertrag Müller.txt" }) })],
    answer: ({ result }) =>
      `Die Kaution beträgt ${2 * Number(/Kaltmiete: (\d+)/.exec(result("read"))?.[1])} € (zwei Kaltmieten).`,
  },
  bad: [{ solution: onlySays("Die Kaution beträgt 1.400 €.") }],
};

const chinese: Task = {
  name: "chinese",
  about: "Chinese text and file names",
  files: { "会议记录/三月.md": "# 三月会议\n\n主持人：王芳\n", "会议记录/四月.md": "# 四月会议\n\n主持人：李雷\n" },
  message: "三月的会议由谁主持？",
  checks: [says("王芳")],
  solution: {
    turns: [plan({ found: call("code_search", { pattern: "主持人", path: "会议记录" }) })],
    answer: ({ result }) => `三月的会议由${/三月\.md.*?主持人：([^"\s]+)/.exec(result("found"))?.[1]}主持。`,
  },
  bad: [{ solution: onlySays("由李雷主持。") }],
};

const emoji: Task = {
  name: "emoji-and-accents",
  about: "write text beyond the basic plane, exactly",
  files: { "menú/día 1.txt": "sopa 🍲 — 3 €\n" },
  message: "Add a second line to menú/día 1.txt: flan 🍮 — 2 €",
  allowed: { files: ["menú/día 1.txt"] },
  checks: [file("menú/día 1.txt", "sopa 🍲 — 3 €\nflan 🍮 — 2 €\n")],
  solution: {
    turns: [
      plan({ read: call("file_read", { path: "menú/día 1.txt" }) }),
      plan({
        edit: call("file_edit", { path: "menú/día 1.txt", find: "sopa 🍲 — 3 €\n", replace: "sopa 🍲 — 3 €\nflan 🍮 — 2 €\n" }),
      }),
    ],
    answer: "El flan está en el menú.",
  },
};

export const languages: readonly Task[] = [german, chinese, emoji];
