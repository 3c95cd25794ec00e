/** Declarations of a style, names in small letters. */
export type Style = ReadonlyMap<string, string>;

export function styleOf(text: string): Style {
  const declarations = text.toLowerCase().replaceAll("!important", "").split(";");
  return new Map(
    declarations.map((declaration): [string, string] => {
      const colon = declaration.indexOf(":");
      return [declaration.slice(0, colon).trim(), declaration.slice(colon + 1).trim()];
    }),
  );
}

/** Whether a person would see nothing of what is styled so. */
export function hides(style: Style): boolean {
  const value = (name: string): string => style.get(name) ?? "";
  return (
    value("display") === "none" ||
    /^(?:hidden|collapse)$/.test(value("visibility")) ||
    value("content-visibility") === "hidden" ||
    (style.has("opacity") && Number.parseFloat(value("opacity")) <= 0.05) ||
    /^0*[01]?(?:\.\d+)?px$|^0+(?:\.0+)?(?:%|[a-z]+)?$/.test(value("font-size")) ||
    ["text-indent", "left", "top", "right", "margin-left"].some((name) => Number.parseFloat(value(name)) <= -900) ||
    /scale\(0\)/.test(value("transform")) ||
    /^inset\((?:50|100)%/.test(value("clip-path")) ||
    /^rect\(\s*[01](?:px)?[\s,]+[01](?:px)?[\s,]+[01](?:px)?[\s,]+[01](?:px)?\s*\)$/.test(value("clip")) ||
    (["hidden", "clip"].includes(value("overflow")) &&
      ["width", "height", "max-height", "max-width"].some((name) => isTiny(value(name)))) ||
    isTransparent(value("color"))
  );
}

/** Whether a style says that what it is for is shown. */
export function shows(style: Style): boolean {
  return ["display", "visibility", "opacity"].some((name) => style.has(name)) && !hides(style);
}

/** The colour as one spelling, null where it is none this understands. */
export function colourOf(text: string): string | null {
  const word = text.trim().toLowerCase();
  const named = { white: "ffffff", black: "000000" }[word];
  if (named !== undefined) return named;
  const [, short] = /^#([\da-f]{3})[\da-f]?$/.exec(word) ?? [];
  if (short !== undefined) return short.replaceAll(/./g, "$&$&");
  const [, long] = /^#([\da-f]{6})(?:[\da-f]{2})?$/.exec(word) ?? [];
  if (long !== undefined) return long;
  const [, ...parts] = /^rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\s*(?:[,/][^)]*)?\)$/.exec(word) ?? [];
  return parts.length === 3 ? parts.map((part) => Number(part).toString(16).padStart(2, "0")).join("") : null;
}

function isTiny(length: string): boolean {
  return /^[01](?:px)?$/.test(length);
}

function isTransparent(colour: string): boolean {
  return colour === "transparent" || /^(?:rgba|hsla)?\([^)]*[,/]\s*0(?:\.0+)?%?\s*\)$/.test(colour);
}
