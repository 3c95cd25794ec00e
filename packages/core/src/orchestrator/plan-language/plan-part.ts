import type { Failure, Json } from "@orquestra/protocol";

/** Arguments in stored form: `{"$ref":"t1#/path"}`, `{"$concat":[…]}`, `{"$literal":…}`, everything else plain JSON. */
export interface StoredArguments {
  readonly [name: string]: Json;
}

/** What the parser found, in the order in which it stands in the stream. */
export type PlanPart =
  | { readonly type: "text"; readonly text: string }
  /** Complete and valid: it may start now. */
  | { readonly type: "todo"; readonly todo: PlannedTodo }
  | InvalidLine
  /** Something that looks like a plan but is none, so nothing of it ran. At most one, from `end()`. Its text was streamed too. */
  | { readonly type: "near-miss"; readonly reason: string; readonly excerpt: string };

/** What one entry of a plan, or one native call, came to. */
export type EntryPart = Extract<PlanPart, { readonly type: "todo" | "invalid" }>;

/** A line of the plan that is no todo. It does not stop the lines after it. */
export interface InvalidLine {
  readonly type: "invalid";
  /** The number and id that it took, so that others can refer to it and a repair can replace it; both null where it took none. */
  readonly number: number | null;
  readonly id: string | null;
  /** As written, without its blocks; cut off when it is very long. */
  readonly line: string;
  readonly error: Failure;
}

export interface PlannedTodo {
  /** Run-wide, as `assign` gave it. */
  readonly id: string;
  /** Its number in this plan. */
  readonly number: number;
  readonly tool: string;
  readonly args: StoredArguments;
  /** Ids whose values it uses. */
  readonly references: readonly string[];
  /** Ids it was told to come after. */
  readonly after: readonly string[];
  /** Both: what must complete before it may start. It may contain ids of invalid lines. */
  readonly needs: readonly string[];
  /** The argument whose `[*]` makes one child todo per different element. */
  readonly fanOut: string | null;
  readonly title: string | null;
  /** The call as it stands in the fence, without its blocks. */
  readonly line: string;
}

/** What the plan language knows of a tool. Neither method may throw. */
export interface PlanTool {
  readonly name: string;
  /** Names of the arguments in the order in which they may be given without a name. */
  readonly positional: readonly string[];
  /** The argument that takes positional values beyond those as an array. */
  readonly rest?: string;
  /** Arguments that are run as commands: a reference in one of these is invalid. */
  readonly commandArguments?: readonly string[];
  /** Whether the argument itself is a list, so that `[*]` gives the list instead of one todo per element. */
  acceptsList(argument: string): boolean;
  /** What is wrong with stored arguments, whatever the references turn out to be; null when nothing is. */
  check(args: StoredArguments): Failure | null;
}

export interface PlanTools {
  find(name: string): PlanTool | null;
  /** All names, for "did you mean". */
  names(): readonly string[];
}

export interface PlanParserOptions {
  readonly tools: PlanTools;
  /**
   * The run-wide id of line `number`. Called once for each line that takes its number, valid or not, in order.
   * In a repair turn it gets a number of `repairOf` and gives the id that line has already.
   */
  readonly assign: (number: number) => string;
  /**
   * What `$number` means where this plan has no such line before: a todo of an earlier turn, or, in a repair turn, a line of
   * the plan under repair. Null: there is none.
   */
  readonly resolve: (number: number) => string | null;
  /** In a repair turn: the numbers of the lines that are replaced. Other numbers are invalid then. */
  readonly repairOf?: ReadonlySet<number>;
}

export interface PlanParser {
  push(text: string): readonly PlanPart[];
  /** `cut`: the stream broke off, so a last line without its line end is not taken for whole, and nothing is a near miss. */
  end(how?: "complete" | "cut"): readonly PlanPart[];
}

/** UTF-16 units that a todo with its strings and blocks may have. */
export const todoLimit = 262_144;
