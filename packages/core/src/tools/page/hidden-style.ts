import { type Colour, colourOf, isTransparent } from "./colour.ts";

/** Declarations of a style, names in small letters. */
export type Style = ReadonlyMap<string, string>;

export function styleOf(text: string): Style {
  const declarations = plainCss(text).toLowerCase().replaceAll("!important", "").split(";");
  return new Map(
    declarations.map((declaration): [string, string] => {
      const colon = declaration.indexOf(":");
      return [declaration.slice(0, colon).trim(), declaration.slice(colon + 1).trim()];
    }),
  );
}

/** Without comments, and with `\\69` as the letter it stands for. */
export function plainCss(text: string): string {
  if (!/[\\]|\/\*|<!--|-->/.test(text)) return text;
  const [first = "", ...rest] = text.split("/*");
  const behind = rest.map((part) => (part.includes("*/") ? part.slice(part.indexOf("*/") + 2) : ""));
  return [first, ...behind]
    .join("")
    .replaceAll(/<!--|-->/g, "")
    .replaceAll(/\\([\da-f]{1,6})\s?/gi, (_all, code: string) => characterOf(Number.parseInt(code, 16)));
}

function characterOf(code: number): string {
  return code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : "\ufffd";
}

/** What moves a box far away, when it is so far. */
const places = ["text-indent", "left", "right", "top", "bottom", "margin-left", "margin-top", "inset", "translate"];

/** Whether a person would see nothing of what is styled so. */
export function hides(style: Style): boolean {
  const value = (name: string): string => style.get(name) ?? "";
  return (
    value("display") === "none" ||
    /^(?:hidden|collapse)$/.test(value("visibility")) ||
    value("content-visibility") === "hidden" ||
    (style.has("opacity") && shareOf(value("opacity")) <= 0.05) ||
    isTinyText(value("font-size") || sizeInFont(value("font"))) ||
    places.some((name) => isFar(value(name))) ||
    isNothing(value("transform"), value("scale")) ||
    /^(?:inset\((?:50|100)%|(?:circle|ellipse)\(\s*0|polygon\(\s*0[^,\d]*0[^,\d]*,\s*0[^,\d]*0)/.test(value("clip-path")) ||
    /^rect\(\s*[01](?:px)?[\s,]+[01](?:px)?[\s,]+[01](?:px)?[\s,]+[01](?:px)?\s*\)$/.test(value("clip")) ||
    (["overflow", "overflow-x", "overflow-y"].some((name) => /\b(?:hidden|clip)\b/.test(value(name))) &&
      ["width", "height", "max-height", "max-width"].some((name) => isTiny(value(name)))) ||
    isTransparent(value("color")) ||
    isTransparent(value("-webkit-text-fill-color"))
  );
}

/** Whether a style says that what it is for is shown. */
export function shows(style: Style): boolean {
  return ["display", "visibility", "opacity"].some((name) => style.has(name)) && !hides(style);
}

export function backgroundIn(style: Style): Colour | null {
  return colourOf(style.get("background-color") ?? style.get("background")?.split(/\s+(?![^(]*\))/)[0] ?? "");
}

function shareOf(text: string): number {
  return Number.parseFloat(text) / (text.endsWith("%") ? 100 : 1);
}

/** Smaller than anybody reads: under a pixel and a half, or a tenth of what stands round it. */
function isTinyText(size: string): boolean {
  const [, digits, unit = ""] = /^(\d*\.?\d+)([a-z%]*)$/.exec(size) ?? [];
  if (digits === undefined) return false;
  const number = Number(digits);
  return number === 0 || number < ({ px: 1.5, pt: 1.2, em: 0.1, rem: 0.1, "%": 10 }[unit] ?? 0);
}

/** "0/0 a", "italic 1px serif": the first length is the size. */
function sizeInFont(font: string): string {
  return /(?:^|\s)(\d*\.?\d+(?:px|pt|r?em|%)?)(?=[\s/])/.exec(font)?.[1] ?? "";
}

/** Off every screen, to either side. */
function isFar(value: string): boolean {
  return value.split(/[\s,]+/).some((length) => {
    const number = Number.parseFloat(length);
    return (
      number <= (/(?:vw|vh|%)$/.test(length) ? -100 : length.endsWith("em") ? -60 : -900) ||
      (number >= 5000 && !length.endsWith("%"))
    );
  });
}

function isNothing(transform: string, scale: string): boolean {
  const far = /^translate(?:3d|[xy])?\(([^)]*)\)/.exec(transform)?.[1];
  return /scale(?:3d|[xy])?\(\s*0(?:\.0+)?\s*[,)]/.test(transform) || /^0(?:\.0+)?(?:\s|$)/.test(scale) || isFar(far ?? "");
}

function isTiny(length: string): boolean {
  return /^(?:0(?:\.\d+)?[a-z%]*|1px|1)$/.test(length);
}
