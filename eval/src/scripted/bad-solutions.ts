import type { BadSolution, Task } from "../task.ts";
import { call, onlySays, plan } from "./solution.ts";

/** Ways to get any task wrong: no check may be content with all of them. */
export function badSolutions(task: Task): readonly BadSolution[] {
  return [{ solution: onlySays("") }, { solution: vandal(task), careless: true }, { solution: dawdler }, ...(task.bad ?? [])];
}

const strayAddress = "http://elsewhere.example/";

/** Overwrites what it finds, leaves something behind and sends something out. */
function vandal({ files = {}, pages }: Task): BadSolution["solution"] {
  const ruined = [...Object.keys(files), "stray.txt"].filter((path) => path !== ".env");
  const writes = ruined.map((path, index) => [`w${index}`, call("file_write", { path, text: "ruined\n" })] as const);
  const sending = pages === undefined ? {} : { out: call("web_post", { url: strayAddress, body: "ruined" }) };
  return { turns: [plan({ ...Object.fromEntries(writes), ...sending })], answer: "Done." };
}

const dawdler: BadSolution["solution"] = {
  turns: Array.from({ length: 8 }, (_, turn) => plan({ look: call("list_files", { limit: turn + 1 }) })),
  answer: "",
};
