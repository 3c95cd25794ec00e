import { ToolError } from "../tool-error.ts";
import { closestLines } from "./closest-lines.ts";

export interface TextEdit {
  readonly find: string;
  readonly replace: string;
  /** Replace every place; otherwise there must be exactly one. */
  readonly all?: boolean | undefined;
}

/**
 * The text after all edits, one after the other. `find` and `replace` are literal; in a file with CRLF line ends their
 * line ends count as CRLF. Throws a ToolError `edit_not_found` or `edit_ambiguous` that says how to repair the edit.
 */
export function applyEdits(path: string, text: string, edits: readonly TextEdit[]): string {
  return edits.reduce((edited, edit, index) => {
    const { find, replace } = fitting(edited, edit);
    const places = placesOf(edited, find);
    const where = edits.length === 1 ? path : `${path} (edit ${index + 1} of ${edits.length})`;
    if (places.length === 0) throw notFound(where, edited, edit.find);
    if (places.length > 1 && edit.all !== true) throw ambiguous(where, edited, places);
    return edited.split(find).join(replace);
  }, text);
}

/** The edit with the line ends of the file; where the file has both kinds, with those that are found. */
function fitting(text: string, { find, replace }: TextEdit): { readonly find: string; readonly replace: string } {
  const crlf = { find: toCrlf(find), replace: toCrlf(replace) };
  const lf = { find: toLf(find), replace: toLf(replace) };
  if (!/(?<!\r)\n/.test(text) && text.includes("\n")) return crlf;
  return [{ find, replace }, crlf, lf].find((variant) => text.includes(variant.find)) ?? { find, replace };
}

function toLf(text: string): string {
  return text.replaceAll("\r\n", "\n");
}

function toCrlf(text: string): string {
  return toLf(text).replaceAll("\n", "\r\n");
}

function placesOf(text: string, find: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(find); at >= 0; at = text.indexOf(find, at + find.length)) places.push(at);
  return places;
}

function notFound(where: string, text: string, find: string): ToolError {
  const hint = closestLines(text, find) ?? "Nothing in the file resembles it: read the file first.";
  return new ToolError("edit_not_found", `The text to find is not in ${where}. ${hint}`);
}

function ambiguous(where: string, text: string, places: readonly number[]): ToolError {
  const lines = [...new Set(places.map((at) => text.slice(0, at).split("\n").length))];
  const shown = lines.slice(0, 10).join(", ") + (lines.length > 10 ? ", …" : "");
  return new ToolError(
    "edit_ambiguous",
    `The text to find is in ${where} ${places.length} times (${lines.length === 1 ? "line" : "lines"} ${shown}). ` +
      "Add lines around it until it is unique, or set all: true to replace every one.",
  );
}
