import type { Redactor } from "@orquestra/core";
import { inspect } from "node:util";

/** What nobody caught ends the process as it does without this, but for the secrets in what is written about it. The last one counts. */
export function crashWithout(redactor: Redactor): void {
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => {
    process.stderr.write(`${redactor.text(inspect(error))}\n`);
    process.exit(1);
  });
}
