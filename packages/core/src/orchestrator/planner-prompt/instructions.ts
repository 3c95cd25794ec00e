import type { PlanFormat } from "@orquestra/protocol";
import { planned, rules, who } from "./common.ts";
import { json } from "./json.ts";
import { lines } from "./lines.ts";
import { tools } from "./tools.ts";

/**
 * The number of what models are told at present; every change of a word is a new one. Each turn records it with its format, so
 * that what a model did can be held against what it was told.
 */
const version = 1;

const formats: { readonly [format in PlanFormat]: string } = {
  lines: lines + planned,
  json: json + planned,
  tools,
};

/** Teaches a way of writing plans in as few tokens as carry it. The files beside the test show it whole. */
export function plannerInstructions(format: PlanFormat): string {
  return `${who}\n${formats[format]}${rules}`;
}

/** `lines-1`: what a turn was told. */
export function promptName(format: PlanFormat): string {
  return `${format}-${version}`;
}
