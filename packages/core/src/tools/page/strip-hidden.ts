import { type Page, type PageElement, attribute, elementsOf, textOf } from "./dom.ts";
import { type Style, colourOf, hides, shows, styleOf } from "./hidden-style.ts";

/** What is not text for a reader: programs, styles, frames, media, and forms, which cannot be filled in here. */
const noText =
  "body title,script,style,noscript,template,iframe,frame,object,embed,applet,canvas,audio,video,map,svg,link,meta,input,select,button,textarea,datalist,dialog:not([open])";

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
  if (element.hasAttribute("hidden") || attribute(element, "aria-hidden") === "true") return true;
  const style = element.hasAttribute("style") ? styleOf(attribute(element, "style")) : null;
  if (style !== null && (hides(style) || isUnreadable(element, style))) return true;
  if (style !== null && shows(style)) return false;
  return (
    ids.has(attribute(element, "id")) ||
    attribute(element, "class")
      .split(/\s+/)
      .some((name) => classes.has(name))
  );
}

/** Text in the colour of what is behind it. Where nothing says what that is, it is white. */
function isUnreadable(element: PageElement, style: Style): boolean {
  const colour = colourOf(style.get("color") ?? "");
  return colour !== null && colour === backgroundOf(element, style);
}

function backgroundOf(element: PageElement, style: Style): string {
  let above: PageElement | null = element;
  let own: Style = style;
  while (above !== null) {
    const said = colourOf(own.get("background-color") ?? own.get("background") ?? "") ?? colourOf(attribute(above, "bgcolor"));
    if (said !== null) return said;
    above = above.parentElement;
    own = styleOf(above === null ? "" : attribute(above, "style"));
  }
  return "ffffff";
}

/** Classes and ids that the page's own style sheets hide, wherever nothing in them shows them again (on wide screens, say). */
function hiddenNames(page: Page): Names {
  const hidden = new Set<string>();
  const shown = new Set<string>();
  const sheets = [...page.querySelectorAll("style")].map(textOf).join("\n");
  for (const { selectors, style, always } of rulesOf(sheets.slice(0, longestSheet))) {
    if (shows(style)) for (const name of selectors) shown.add(name);
    if (always && hides(style)) for (const name of selectors) hidden.add(name);
  }
  const names = [...hidden].filter((name) => !shown.has(name));
  const after = (mark: string): ReadonlySet<string> =>
    new Set(names.filter((name) => name.startsWith(mark)).map((name) => name.slice(1)));
  return { classes: after("."), ids: after("#") };
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
  for (const piece of withoutComments(sheet).split("}")) {
    const parts = piece.split("{");
    const [selectors, declarations] = [parts.at(-2), parts.at(-1)];
    if (selectors === undefined || declarations === undefined) {
      conditions.pop();
      continue;
    }
    conditions.push(...parts.slice(0, -2));
    const plain = selectors.split(",").map((selector) => selector.trim());
    const style = styleOf(declarations);
    yield { selectors: plain.filter((selector) => /^[.#][\w-]+$/.test(selector)), style, always: conditions.length === 0 };
  }
}

function withoutComments(sheet: string): string {
  const [first = "", ...rest] = sheet.split("/*");
  const behind = rest.map((part) => (part.includes("*/") ? part.slice(part.indexOf("*/") + 2) : ""));
  return [first, ...behind].join("");
}
