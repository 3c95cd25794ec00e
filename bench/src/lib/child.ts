import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "@orquestra/core";
import { programOf } from "@orquestra/core/testing";
import { z } from "zod";

/**
 * A process of its own for what is measured, so that nothing else's garbage, compiled code or timers count. A child of the built
 * bench is plain Node on the built packages.
 */
export interface Child<Message> {
  readonly pid: number;
  /** The next message, or a rejection where the child ends before it. */
  message(): Promise<Message>;
  /** Asks a child that answers (`answerParent`). One question at a time. */
  ask<Schema extends z.ZodType>(question: object, schema: Schema): Promise<z.infer<Schema>>;
  end(): Promise<void>;
}

export function startChild<Schema extends z.ZodType>(file: URL, settings: object, schema: Schema): Child<z.infer<Schema>> {
  const program = programOf(file);
  const child = fork(program.file, [JSON.stringify(settings)], { execArgv: ["--expose-gc", ...program.execArgv] });
  return {
    pid: child.pid ?? 0,
    message: async () => schema.parse(await nextMessage(child, file)),
    ask: async (question, answerSchema) => {
      const said = nextMessage(child, file);
      child.send(question);
      const answer = answered.parse(await said);
      if ("problem" in answer) throw new Error(`${file.pathname}: ${answer.problem}`);
      return answerSchema.parse(answer.answer);
    },
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill();
      await exited;
    },
  };
}

const answered = z.union([z.strictObject({ answer: z.unknown() }), z.strictObject({ problem: z.string() })]);

/** Runs a child for its one message. */
export async function askChild<Schema extends z.ZodType>(file: URL, settings: object, schema: Schema): Promise<z.infer<Schema>> {
  const child = startChild(file, settings, schema);
  try {
    return await child.message();
  } finally {
    await child.end();
  }
}

async function nextMessage(child: ChildProcess, file: URL): Promise<unknown> {
  const over = new AbortController();
  const { signal } = over;
  const ended = once(child, "exit", { signal }).then((how: readonly unknown[]) => {
    throw new Error(`${file.pathname} ended with ${String(how[0] ?? how[1])} before it had said what it measured.`);
  });
  try {
    const said: readonly unknown[] = await Promise.race([once(child, "message", { signal }), ended]);
    return said[0];
  } finally {
    ended.catch(() => undefined);
    over.abort();
  }
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

/** In a child: answers what the parent asks, until the parent ends it or is gone. */
export function answerParent<Schema extends z.ZodType>(
  schema: Schema,
  answer: (question: z.infer<Schema>) => Promise<object>,
): void {
  process.once("disconnect", () => process.exit());
  process.on("message", (said) => {
    answerOne(said).then(tellParent, (error: unknown) => tellParent({ problem: messageOf(error) }));
  });
  async function answerOne(said: unknown): Promise<object> {
    return { answer: await answer(schema.parse(said)) };
  }
}
