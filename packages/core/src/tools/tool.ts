import type { Effect, FileDiff, Integrity, Json } from "@orquestra/protocol";
import type { z } from "zod";
import type { CommandAccess, ToolCommand } from "./command/command-runner.ts";
import type { CommandResult } from "./command/run-command.ts";

/** Who is behind a call. Every row and every tool call carries one; `metadata` is what a host product says of its user. */
export interface User {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly metadata: { readonly [key: string]: Json };
}

/** The folder a session works on. `root` is a real path; `trusted` says whether a person declared its text trustworthy. */
export interface Workspace {
  readonly root: string;
  readonly trusted: boolean;
}

/**
 * What a call reads and writes: paths relative to the workspace, where a folder stands for all below it, or everything.
 * Decides which todos keep their order. A path that leads outside stays as it was written: permissions refuse it.
 */
export interface Touches {
  readonly reads: readonly string[] | "workspace";
  readonly writes: readonly string[] | "workspace";
}

export const touchesNothing: Touches = { reads: [], writes: [] };

/** The command a tool is about to give to a shell. */
export interface CommandSpec {
  readonly text: string;
  /** Relative to the workspace. */
  readonly cwd: string;
  readonly access: CommandAccess;
  /** It is given variables or an input of the call's own beside its text. */
  readonly fed: boolean;
}

/** Where a tool's output comes from, hence what its label can be at best. `inputs` joins the labels of what went in. */
export type OutputIntegrity = Integrity | "inputs";

/** What a tool may use while it runs. Nothing else reaches it: no environment, no database, no other session. */
export interface ToolCall {
  readonly sessionId: string;
  readonly runId: string;
  readonly todoId: string;
  /** The same for every attempt of one todo. */
  readonly idempotencyKey: string;
  readonly user: User;
  /** `null` in a session without a folder. */
  readonly workspace: Workspace | null;
  /** Aborted by cancel, timeout and shutdown. The tool must end soon after; what it started outside must be ended by it. */
  readonly signal: AbortSignal;
  /** Ephemeral news for whoever watches, and the sign of life that keeps a long call from counting as silent. */
  progress(data: Json): void;
  /** Keeps the file as it is now, so that this todo can be undone. Resolves when it is durable; call it before every write. */
  checkpoint(path: string, before: FileBefore, after: Buffer | null): Promise<void>;
  /** A model call without tools, for tools that need one. Resolves with the text; rejects with a ModelError. */
  askModel(prompt: string): Promise<string>;
  /** Runs a program in the workspace, within what its `access` says. Ends with the call's signal. Rejects with a ToolError. */
  runCommand(command: ToolCommand): Promise<CommandResult>;
  /** Text of an earlier message or todo result of this session: `m3`, `t2`, `m3.t2`; `null` where there is none. */
  recall(id: string): Promise<string | null>;
}

/** A file before a change. `bytes` null: it did not exist. */
export interface FileBefore {
  readonly bytes: Buffer | null;
  /** Permission bits, 0 when it did not exist. */
  readonly mode: number;
}

/** What a person is shown before allowing a call. */
export interface CallPreview {
  /** "change src/a.ts: 2 lines added, 1 removed": continues the sentence "May I …". */
  readonly summary: string;
  readonly diff?: readonly FileDiff[];
}

export interface PreviewCall {
  readonly workspace: Workspace | null;
  readonly signal: AbortSignal;
}

/**
 * Something a plan can call. `Input` and `Output` are zod schemas; positional arguments follow the order of the input's keys,
 * and the model is shown `name(pattern, path?) → {matches: [{path, line, text}]}` made from them.
 */
export interface Tool<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodType = z.ZodType> {
  readonly name: string;
  /** One sentence for the model. */
  readonly description: string;
  /** Who wrote that, and the words in its schemas: a model reads them before it plans. Absent: who made the product. */
  readonly describedBy?: Integrity;
  readonly input: Input;
  readonly output: Output;
  /** What it does to the world; `[]` for pure ones, `["read"]` for those that only look. */
  readonly effects: readonly Effect[];
  /** The array argument that takes the positional arguments left over: `ask_model(question, ...inputs)`. */
  readonly rest?: keyof z.infer<Input> & string;
  /** Arguments that decide where an effect lands: a value from outside in one of these always asks. */
  readonly critical: readonly (keyof z.infer<Input> & string)[];
  readonly integrity: OutputIntegrity;
  /**
   * Parts of the output that trusted code minted itself, whoever wrote the rest: exit codes, counts, ids. By JSON pointer, with a
   * star for every element of a list. Holds for plain values only.
   */
  readonly fields?: { readonly [pointer: string]: Integrity };
  /**
   * May be run again without doing more than once would: after an interruption, or when it failed with an error that says it
   * is `retryable`.
   */
  readonly idempotent: boolean;
  /** Its changes are covered by checkpoints. */
  readonly undoable: boolean;
  /** Then its signal is aborted. */
  readonly timeoutMs: number;
  /** Milliseconds without `progress` after which people are told that it is silent. Absent: 15 seconds. */
  readonly silentAfterMs?: number;
  /** Calls of it that may run at the same time on one node. Absent: as many as there are places. */
  readonly concurrency?: number;
  /** Absent: touches nothing. */
  touches?(args: z.infer<Input>): Touches;
  /** For tools with the effect `exec`. Absent: nobody knows what it runs, and it is taken to need the whole machine. */
  command?(args: z.infer<Input>): CommandSpec;
  /** A title for lists, from the arguments as planned (references unresolved). Absent: the name and the first argument. */
  title?(args: { readonly [key: string]: Json }): string;
  /** Absent: the summary names the tool and its arguments. Must not change anything. */
  preview?(args: z.infer<Input>, call: PreviewCall): Promise<CallPreview>;
  /** The result must satisfy `output`. Throws a ToolError for what went wrong in the world; anything else is a bug. */
  run(args: z.infer<Input>, call: ToolCall): Promise<z.infer<Output>>;
}

/** A tool whose schemas the engine does not know by type. Arguments are always parsed by `input` first. */
export type AnyTool = Tool;

/** What a tool has to say of itself. `effects` has no default: whether a call may run unasked is not for code to guess. */
type Said = "name" | "description" | "input" | "output" | "effects" | "run";

/**
 * A tool as its author writes it. What is left out errs on the side of asking: its output may have been written by anybody
 * (`outside`), every argument of an effect decides where it lands (`critical`), nothing can be undone, and only what does no
 * more than read may be run again (`idempotent`). Its time is 30 s.
 */
export type ToolDefinition<Input extends z.ZodObject, Output extends z.ZodType> = Pick<Tool<Input, Output>, Said> &
  Partial<Omit<Tool<Input, Output>, Said>>;

/** Fills in what is left out, and forgets the types, so that tools of all kinds fit one registry. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodType>(
  definition: ToolDefinition<Input, Output>,
): AnyTool {
  const readsOnly = definition.effects.every((effect) => effect === "read");
  const tool: Tool<Input, Output> = {
    critical: readsOnly ? [] : argumentsOf(definition.input),
    integrity: "outside",
    idempotent: readsOnly,
    undoable: false,
    timeoutMs: 30_000,
    ...definition,
  };
  return tool;
}

function argumentsOf<Input extends z.ZodObject>(input: Input): readonly (keyof z.infer<Input> & string)[] {
  return Object.keys(input.shape);
}
