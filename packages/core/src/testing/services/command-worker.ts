import { createInterface } from "node:readline";
import { type CommandAccess, ToolError } from "../../tools/index.ts";
import { findBubblewrap, startSandbox } from "./sandbox.ts";

export interface WorkerCommand {
  readonly root: string;
  readonly script: string;
  readonly timeoutMs: number;
  readonly access: CommandAccess;
}

/**
 * A server reduced to its sandbox. Each line of stdin is a command, `{root, script, timeoutMs, access}`; for each it says in one line
 * what came of it, and before that what the command prints. `node command-worker.ts`
 */
const programs = await findBubblewrap();
if (programs === null) throw new Error("no bubblewrap");
const { runner, close } = await startSandbox({ programs });
console.log(JSON.stringify({ ready: process.pid }));

for await (const line of createInterface({ input: process.stdin })) {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by the test beside it
  const { script, ...given } = JSON.parse(line) as WorkerCommand;
  const command = { program: "/bin/bash", args: ["-c", script], cwd: ".", environment: {}, ...given } as const;
  const onOutput = (_: string, said: string): void => console.log(JSON.stringify({ said }));
  try {
    const result = await runner.run({ ...command, onOutput, signal: new AbortController().signal });
    console.log(JSON.stringify({ result }));
  } catch (error) {
    console.log(JSON.stringify({ code: error instanceof ToolError ? error.code : "other", message: String(error) }));
  }
}
await close();
