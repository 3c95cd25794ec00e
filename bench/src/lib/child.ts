import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { z } from "zod";

/**
 * A process of its own for what is measured, so that nothing else's garbage, compiled code or timers count. A child of the built
 * bench is plain Node on the built packages; a child of the sources (in tests) is loaded as its parent is.
 */
export interface Child<Message> {
  /** The next message, or a rejection where the child ends before it. */
  message(): Promise<Message>;
  end(): Promise<void>;
}

export function startChild<Schema extends z.ZodType>(file: URL, settings: object, schema: Schema): Child<z.infer<Schema>> {
  const written = file.pathname.endsWith(".ts");
  const loader = !written ? [] : ["--conditions=@orquestra/source", "--import", import.meta.resolve("tsx")];
  const execArgv = ["--expose-gc", ...loader];
  const child = fork(fileURLToPath(file), [JSON.stringify(settings)], { execArgv });
  return {
    message: async () => {
      const said: readonly unknown[] = await Promise.race([once(child, "message"), tooEarly(child, file)]);
      return schema.parse(said[0]);
    },
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill();
      await exited;
    },
  };
}

/** Runs a child for its one message. */
export async function askChild<Schema extends z.ZodType>(file: URL, settings: object, schema: Schema): Promise<z.infer<Schema>> {
  const child = startChild(file, settings, schema);
  try {
    return await child.message();
  } finally {
    await child.end();
  }
}

async function tooEarly(child: ChildProcess, file: URL): Promise<never> {
  const ended: readonly unknown[] = await once(child, "exit");
  throw new Error(`${file.pathname} ended with ${String(ended[0] ?? ended[1])} before it had said what it measured.`);
}

/** The same within a time; what it was not done in is told, for programs that are not ours. */
export async function askChildWithin<Schema extends z.ZodType>(
  ms: number,
  ...[file, settings, schema]: Parameters<typeof startChild<Schema>>
): Promise<z.infer<Schema>> {
  const child = startChild(file, settings, schema);
  const waiting = new AbortController();
  const late = sleep(ms, undefined, { signal: waiting.signal }).then(() => {
    throw new Error(`not done within ${ms / 1000} s`);
  });
  try {
    return await Promise.race([child.message(), late]);
  } finally {
    waiting.abort();
    await child.end();
  }
}

/** In a child: what it was started with. */
export function settingsOf<Schema extends z.ZodType>(schema: Schema): z.infer<Schema> {
  return schema.parse(JSON.parse(process.argv[2] ?? "null"));
}

/** In a child: says something to the parent. */
export function tellParent(message: object): void {
  if (process.send === undefined) throw new Error("This program is started by a bench.");
  process.send(message);
}
