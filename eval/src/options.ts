import { parseArgs } from "node:util";
import { type PlanFormat, planFormatSchema } from "@orquestra/protocol";
import { OrquestraError, messageOf } from "@orquestra/core";
import { type Wire, wires } from "./scripted/scripted-server.ts";
import type { SpendCap } from "./spend-limit.ts";
import type { Task } from "./task.ts";
import { tasks } from "./tasks/index.ts";

export interface Options {
  readonly model: string;
  readonly formats: readonly PlanFormat[];
  readonly tasks: readonly Task[];
  readonly repeat: number;
  readonly concurrency: number;
  readonly deadlineMs: number;
  readonly cap: SpendCap;
  readonly wire: Wire;
  /** The scripted model writes as fast as a real one might. */
  readonly paced: boolean;
  /** Runs that must pass; null: all. */
  readonly atLeast: number | null;
  readonly jsonFile: string | null;
  /** Only says what it would do. */
  readonly shows: "help" | "list" | null;
}

export const usage = `npm run eval -- [options]

  --model M         scripted (default), or provider/model: openai/…, anthropic/…, compatible/…, cursor/auto
                    (keys: OPENAI_API_KEY, ANTHROPIC_API_KEY, COMPATIBLE_BASE_URL with COMPATIBLE_API_KEY, CURSOR_API_KEY)
  --format F        ${planFormatSchema.options.join(", ")} or all (default)
  --task NAME       only this task; may be given several times. --list shows them
  --repeat N        runs of each task (default 1)
  --concurrency N   runs at the same time (default 4)
  --deadline S      seconds a run may take (default 120)
  --max-tokens N    stops when all runs together have used so many tokens
  --max-cost N      stops when they have cost so much, where prices are known
  --at-least N      so many runs must pass for exit code 0 (default: all)
  --json FILE       writes everything there, too
  --wire W          the scripted model's protocol: ${wires.join(", ")} (default chat)
  --paced           the scripted model waits 400 ms, then writes 60 tokens a second
`;

const known = {
  model: { type: "string", default: "scripted" },
  format: { type: "string", default: "all" },
  task: { type: "string", multiple: true },
  repeat: { type: "string", default: "1" },
  concurrency: { type: "string", default: "4" },
  deadline: { type: "string", default: "120" },
  "max-tokens": { type: "string" },
  "max-cost": { type: "string" },
  "at-least": { type: "string" },
  json: { type: "string" },
  wire: { type: "string", default: "chat" },
  paced: { type: "boolean", default: false },
  list: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

/** Throws an OrquestraError that says what is wrong with them. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parsed(args);
  const cap = { tokens: positive("max-tokens", values["max-tokens"]), cost: positive("max-cost", values["max-cost"]) };
  return {
    model: values.model,
    formats: formatsOf(oneOf("format", values.format, [...planFormatSchema.options, "all"])),
    tasks: values.task?.map(taskNamed) ?? tasks,
    repeat: whole("repeat", values.repeat),
    concurrency: whole("concurrency", values.concurrency),
    deadlineMs: whole("deadline", values.deadline) * 1000,
    cap,
    wire: oneOf("wire", values.wire, wires),
    paced: values.paced,
    atLeast: values["at-least"] === undefined ? null : whole("at-least", values["at-least"]),
    jsonFile: values.json ?? null,
    shows: values.help ? "help" : values.list ? "list" : null,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: known, strict: true });
  } catch (cause) {
    throw new OrquestraError("bad_option", messageOf(cause), { cause });
  }
}

function oneOf<T extends string>(option: string, value: string, choices: readonly T[]): T {
  const choice = choices.find((one) => one === value);
  if (choice !== undefined) return choice;
  throw bad(option, value, `one of ${choices.join(", ")}`);
}

function formatsOf(choice: PlanFormat | "all"): readonly PlanFormat[] {
  return choice === "all" ? planFormatSchema.options : [choice];
}

function taskNamed(name: string): Task {
  const task = tasks.find((one) => one.name === name);
  if (task !== undefined) return task;
  throw bad("task", name, `a task; --list shows all ${tasks.length}`);
}

function whole(option: string, value: string): number {
  const number = positive(option, value);
  if (number === undefined || !Number.isInteger(number)) throw bad(option, value, "a whole number above 0");
  return number;
}

function positive(option: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (number > 0 && Number.isFinite(number)) return number;
  throw bad(option, value, "a number above 0");
}

function bad(option: string, value: string, wanted: string): OrquestraError {
  return new OrquestraError("bad_option", `--${option} ${value}: it must be ${wanted}.`);
}
