import { parentPort } from "node:worker_threads";
import { articleOf } from "./article.ts";
import type { PageTask } from "./page-task.ts";

// Given by page-threads.ts alone, which has the same type.
parentPort?.on("message", (task: PageTask) => parentPort?.postMessage(articleOf(task), []));
