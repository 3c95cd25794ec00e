import { type Page, type PageElement, attribute, elementsOf, textOf } from "./dom.ts";
import { type Colour, colourOf, isNear } from "./colour.ts";
import { type Style, backgroundIn, hides, plainCss, shows, styleOf } from "./hidden-style.ts";

/** What is not text for a reader: programs, styles, frames, media, and forms, which cannot be filled in here. */
const noText =
  "body title,script,style,noscript,noframes,noembed,template,iframe,frame,object,embed,applet,canvas,audio,video,map,svg,link,meta,input,select,button,textarea,datalist,dialog:not([open]),[popover],rp,annotation,annotation-xml";

/** Longer style sheets are read to here. Characters. */
const longestSheet = 200_000;

/**
 * Takes out what a person who looks at the page does not see: hiding text is how pages speak to models behind the reader's back.
 * As far as the page itself says so; style sheets that lie elsewhere are not fetched. What is left is text from outside all the same.
 */
export function stripHidden(page: Page): void {
  const hidden = hiddenNames(page);
  for (const element of page.querySelectorAll(noText)) element.remove();
  for (const { element } of elementsOf(page.documentElement)) {
    if (element !== page.body && element !== page.documentElement && isHidden(element, hidden)) element.remove();
  }
}

interface Names {
  readonly classes: ReadonlySet<string>;
  readonly ids: ReadonlySet<string>;
}

function isHidden(element: PageElement, { classes, ids }: Names): boolean {
  if (element.hasAttribute("hidden") || attribute(element, "aria-hidden").toLowerCase() === "true") return true;
  const isStyled = element.hasAttribute("style") || element.hasAttribute("color");
  const style = isStyled ? styleOf(attribute(element, "style")) : null;
  if (style !== null && (hides(style) || isUnreadable(element, style))) return true;
  if (style !== null && shows(style)) return false;
  return (
    ids.has(attribute(element, "id")) ||
    attribute(element, "class")
      .split(/\s+/)
      .some((name) => classes.has(name))
  );
}

/** Text in the colour of what is behind it, or one that cannot be told from it. Where nothing says what that is, it is white. */
function isUnreadable(element: PageElement, style: Style): boolean {
  const colour = colourOf(style.get("color") ?? attribute(element, "color"));
  return colour !== null && isNear(colour, backgroundOf(element, style));
}

function backgroundOf(element: PageElement, style: Style): Colour {
  let above: PageElement | null = element;
  let own: Style = style;
  while (above !== null) {
    const said = backgroundIn(own) ?? colourOf(attribute(above, "bgcolor"));
    if (said !== null) return said;
    above = above.parentElement;
    own = styleOf(above === null ? "" : attribute(above, "style"));
  }
  return [255, 255, 255];
}

/** Classes and ids that the page's own style sheets hide, wherever nothing in them shows them again (on wide screens, say). */
function hiddenNames(page: Page): Names {
  const hidden = new Set<string>();
  const shown = new Set<string>();
  const sheets = [...page.querySelectorAll("style")].map(textOf).join("\n");
  for (const { selectors, style, always } of rulesOf(sheets.slice(0, longestSheet))) {
    if (shows(style)) for (const name of selectors) shown.add(name);
    if (always && (hides(style) || hasOneColour(style))) for (const name of selectors) hidden.add(name);
  }
  const names = [...hidden].filter((name) => !shown.has(name));
  const after = (mark: string): ReadonlySet<string> =>
    new Set(names.filter((name) => name.startsWith(mark)).map((name) => name.slice(1)));
  return { classes: after("."), ids: after("#") };
}

/** Its text and what is behind it. */
function hasOneColour(style: Style): boolean {
  const [text, ground] = [colourOf(style.get("color") ?? ""), backgroundIn(style)];
  return text !== null && ground !== null && isNear(text, ground);
}

interface Rule {
  /** Those that are a class or an id and nothing more. */
  readonly selectors: readonly string[];
  readonly style: Style;
  /** Not only under a condition. */
  readonly always: boolean;
}

function* rulesOf(sheet: string): Generator<Rule> {
  const conditions: string[] = [];
  for (const piece of plainCss(sheet).split("}")) {
    const parts = piece.split("{");
    const [selectors, declarations] = [parts.at(-2), parts.at(-1)];
    if (selectors === undefined || declarations === undefined) {
      conditions.pop();
      continue;
    }
    conditions.push(...parts.slice(0, -2));
    // What stands alone before it (`@import "a";`) is no part of it.
    const plain = selectors
      .slice(selectors.lastIndexOf(";") + 1)
      .split(",")
      .map((selector) => selector.trim());
    const style = styleOf(declarations);
    yield { selectors: plain.filter((selector) => /^[.#][\w-]+$/.test(selector)), style, always: conditions.every(isAlways) };
  }
}

/** A condition that every screen meets, and every browser. */
function isAlways(condition: string): boolean {
  return /^\s*@(?:media\s+(?:all|screen)\s*$|layer\b|supports\b)/i.test(condition.slice(condition.lastIndexOf(";") + 1));
}
