/**
 * The plan language: what a model writes, read while it is being written. Pure, without the rest of the engine.
 * `docs/plan-language.md` has the grammar and every rule.
 */
export { type FanOut, expandFanOut, fanOutLimit } from "./fan-out.ts";
export { type NativeCall, createCallReader } from "./json-lines.ts";
export {
  type EntryPart,
  type InvalidLine,
  type PlanParser,
  type PlanParserOptions,
  type PlanPart,
  type PlanTool,
  type PlanTools,
  type PlannedTodo,
  type StoredArguments,
  todoLimit,
} from "./plan-part.ts";
export { createJsonPlanParser, createPlanParser } from "./plan-parser.ts";
export { type PositionalArguments, type PrintableTodo, printTodo, printTodoAsJson } from "./print.ts";
export { fanOutOf, referencesOf } from "./references.ts";
export type { KnownResult, MissingReference, ResultLookup } from "./reference-values.ts";
export { type CheckedCall, checkStored } from "./stored-check.ts";
export { type Origin, type ResolvedArguments, resolveArguments } from "./resolve-arguments.ts";
