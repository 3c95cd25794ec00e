import { AnswerReader } from "./answer-reader.ts";
import { jsonFormat } from "./json-lines.ts";
import { lineFormat } from "./line-format.ts";
import type { PlanParser, PlanParserOptions } from "./plan-part.ts";

/** A parser for one turn of a model that writes plan lines. Neither of its methods ever throws, whatever the text. */
export function createPlanParser(options: PlanParserOptions): PlanParser {
  return new AnswerReader(lineFormat(options));
}

/** The same for a model that writes its todos as JSON in the plan fence. */
export function createJsonPlanParser(options: PlanParserOptions): PlanParser {
  return new AnswerReader(jsonFormat(options));
}
