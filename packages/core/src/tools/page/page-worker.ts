import { parentPort, workerData } from "node:worker_threads";
import { articleOf } from "./article.ts";
import type { PageTask } from "./page-task.ts";

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- given by read-page.ts alone, which has the same type
const task = workerData as PageTask;

parentPort?.postMessage(articleOf(task), []);
