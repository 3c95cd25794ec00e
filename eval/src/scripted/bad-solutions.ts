import type { BadSolution, Task } from "../task.ts";
import { call, onlySays, plan } from "./solution.ts";

// Ways to get any task wrong: no check may be content with all of them.

export const silence: BadSolution = { solution: onlySays("") };

/** Overwrites what it finds, leaves something behind and sends something out. */
export function vandal({ files = {}, pages }: Task): BadSolution {
  const ruined = [...Object.keys(files), "stray.txt"].filter((path) => path !== ".env");
  const writes = ruined.map((path, index) => [`w${index}`, call("file_write", { path, text: "ruined\n" })] as const);
  const sending = pages === undefined ? {} : { out: call("web_post", { url: strayAddress, body: "ruined" }) };
  return { solution: { turns: [plan({ ...Object.fromEntries(writes), ...sending })], answer: "Done." }, careless: true };
}

const strayAddress = "http://elsewhere.example/";

export const dawdler: BadSolution = {
  solution: {
    turns: Array.from({ length: 8 }, (_, turn) => plan({ look: call("list_files", { limit: turn + 1 }) })),
    answer: "",
  },
};
