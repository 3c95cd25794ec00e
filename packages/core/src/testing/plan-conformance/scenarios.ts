import type { Json, PlanFormat } from "@orquestra/protocol";
import type { TodoRecord } from "../../persistence/index.ts";
import type { WatchedSession } from "../engine-harness.ts";
import { type AbstractAnswer, ref } from "./written-plan.ts";

/** Something every plan format must bring to the same end over every wire. */
export interface PlanScenario {
  readonly name: string;
  /** One after the other; then the model says that it is done. */
  readonly answers: readonly AbstractAnswer[] | ((format: PlanFormat) => readonly AbstractAnswer[]);
  /** What a person does while it runs. */
  readonly meanwhile?: (session: WatchedSession) => Promise<unknown>;
  /** How each todo ends: its status, or for a completed one its value where that matters. */
  readonly todos: { readonly [id: string]: TodoRecord["status"] | { readonly value: Json } };
  /** Where the format decides more. */
  readonly todosIn?: { readonly [format in PlanFormat]?: PlanScenario["todos"] };
  /** What the person reads, and what is said to have gone wrong. */
  readonly says?: readonly (string | RegExp)[];
  readonly stopReason?: string;
}

const notes = Array.from({ length: 200 }, (_, index) => `+ line ${index} "quoted" 'too' \\n $1 {{x}} «…» 漢字 👋`);
/** A patch of two hundred lines with everything in it that means something elsewhere. */
export const longText = ["```plan", '1. change("never")', "```", '{"id":1,"tool":"change"}', "TEXT", ...notes, "```", ""].join(
  "\n",
);

const awkward: Json = {
  list: [1, -2.5, 1e21, true, false, null, [], {}],
  text: "two\nlines, {{$1.value}} as it stands, \u2028 and \u0000",
  "a key": { "": "empty", "a/b~c": "slashes" },
};

/** By a person's no, with a reason. */
async function reject(session: WatchedSession): Promise<void> {
  const { approvalId } = (await session.until("approval-requested")).data;
  await session.command("approval-respond", { approvalId, decision: "reject_once", reason: "Leave it." });
}

export const planScenarios: readonly PlanScenario[] = [
  {
    name: "reads side by side, a reference, a fan-out, an interpolation",
    answers: [
      {
        say: "I will look.\n",
        plan: [
          { number: 1, tool: "code_search", args: { pattern: "one|two" } },
          { number: 2, tool: "list_files", args: {} },
          { number: 3, tool: "file_read", args: { path: ref("t1", "/matches/*/path") } },
          {
            number: 4,
            tool: "echo",
            args: { value: { $concat: ["<", ref("t1", "/matches/0/path"), "> of ", ref("t2", "/entries")] } },
          },
        ],
      },
      { say: "Two files." },
    ],
    todos: {
      t1: "completed",
      t2: "completed",
      t3: "completed",
      "t3.1": "completed",
      "t3.2": "completed",
      t4: {
        value: {
          value: '<a.md> of [{"path":"a.md","kind":"file","size":4},{"path":"b.md","kind":"file","size":4}]',
        },
      },
    },
    says: ["I will look.", "Two files."],
  },
  {
    name: "a text of 200 lines, and values of every shape",
    answers: [
      {
        plan: [
          { number: 1, tool: "echo", args: { value: longText } },
          { number: 2, tool: "keep", args: { value: awkward } },
          { number: 3, tool: "keep", args: { value: { $literal: { $match: { $ref: "#/definitions/x" }, plain: ["$1"] } } } },
        ],
      },
    ],
    todos: {
      t1: { value: { value: longText } },
      t2: { value: { value: awkward } },
      t3: { value: { value: { $match: { $ref: "#/definitions/x" }, plain: ["$1"] } } },
    },
  },
  {
    name: "a call with wrong arguments is corrected, and what stands beside it has run",
    answers: (format) => [
      {
        plan: [
          { number: 1, tool: "echo", args: { value: "a" } },
          { number: 2, tool: "echo", args: { valu: "b" } },
        ],
      },
      // A repaired line keeps its number; a native call cannot be made again.
      { plan: [{ number: format === "tools" ? 3 : 2, tool: "echo", args: { value: "b" } }] },
    ],
    todos: { t1: "completed", t2: { value: { value: "b" } } },
    todosIn: { tools: { t1: "completed", t2: "failed", t3: { value: { value: "b" } } } },
  },
  {
    name: "a tool that is not there, never corrected",
    answers: (format) => [
      {
        plan: [
          { number: 1, tool: "teleport", args: { to: "b" } },
          { number: 2, tool: "echo", args: { value: ref("t1") } },
          { number: 3, tool: "echo", args: { value: "c" } },
        ],
      },
      ...(format === "tools" ? [] : [{ say: "I cannot." }]),
    ],
    todos: { t1: "failed", t2: "skipped", t3: "completed" },
    says: [/There is no tool teleport/],
  },
  {
    name: "an effect the person rejects, and what depended on it",
    answers: [
      {
        plan: [
          { number: 1, tool: "change", args: { what: "a" } },
          { number: 2, tool: "echo", args: { value: ref("t1", "/changed") } },
          { number: 3, tool: "echo", args: { value: "c" } },
        ],
      },
      { say: "Then not." },
    ],
    meanwhile: reject,
    todos: { t1: "skipped", t2: "skipped", t3: "completed" },
    says: ["Then not."],
  },
  {
    name: "a tool that fails, and the next turn goes another way",
    answers: [
      { plan: [{ number: 1, tool: "file_read", args: { path: "missing.md" } }] },
      { plan: [{ number: 2, tool: "file_read", args: { path: "a.md" } }] },
    ],
    todos: { t1: "failed", t2: "completed" },
  },
  {
    name: "a second turn that uses the first, with numbers that go on",
    answers: [
      {
        plan: [
          { number: 1, tool: "echo", args: { value: "a" } },
          { number: 2, tool: "echo", args: { value: "b" } },
        ],
      },
      {
        plan: [
          { number: 3, tool: "echo", args: { value: { $concat: [ref("t1", "/value"), ref("t2", "/value")] } } },
          { number: 4, tool: "echo", args: { value: ref("t3", "/value") } },
        ],
      },
      { say: "Done." },
    ],
    todos: { t1: "completed", t2: "completed", t3: { value: { value: "ab" } }, t4: { value: { value: "ab" } } },
    says: ["Done."],
  },
  {
    name: "a refusal",
    answers: [{ refusal: "I will not help with that." }],
    todos: {},
    says: ["I will not help with that."],
    stopReason: "refusal",
  },
  {
    name: "an empty answer",
    answers: [{}],
    todos: {},
    says: ["The model gave an empty answer. Ask again, or pick another model."],
  },
  {
    name: "a stream that breaks in the middle of the plan",
    answers: [
      {
        plan: [
          { number: 1, tool: "echo", args: { value: "a" } },
          { number: 2, tool: "echo", args: { value: "never read as a whole" } },
        ],
        cutBehind: 1,
      },
      { plan: [{ number: 3, tool: "echo", args: { value: ref("t1", "/value") } }] },
    ],
    todos: { t1: "completed", t2: "failed", t3: { value: { value: "a" } } },
    // Half a native call is none: its number is free.
    todosIn: { tools: { t1: "completed", t2: { value: { value: "a" } } } },
  },
];
