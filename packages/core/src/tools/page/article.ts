import { Readability } from "@mozilla/readability";
import { type Page, type PageElement, attribute, elementsOf, parsePage, textOf } from "./dom.ts";
import { absolute, markdownOf } from "./markdown.ts";
import type { PageTask, ReadPage } from "./page-task.ts";
import { plainTextOf } from "./plain-text.ts";
import { stripHidden } from "./strip-hidden.ts";

interface Size {
  readonly elements: number;
  readonly depth: number;
  /** The depths of all elements together. */
  readonly depths: number;
}

/** Beyond this a page is read as plain text: the rest would take more memory or more stack than there is. */
const largest: Size = { elements: 60_000, depth: 300, depths: Number.POSITIVE_INFINITY };

/** Beyond this nothing is sorted out that the page does not say is no content: that reads the text of every element, over and over. */
const largestArticle: Size = { elements: 20_000, depth: 100, depths: 300_000 };

/** The way round a page, for those who look at it. */
const boilerplate =
  "nav,[role=navigation],[role=banner],[role=contentinfo],[role=search],body > header,body > footer,body > aside";

/** Characters that are not seen and can carry text all the same, or turn round what is seen. Joiners and the choice of an emoji stay. */
const invisible = /(?!\u200c|\u200d|\ufe0e|\ufe0f)\p{Default_Ignorable_Code_Point}/gu;

/** What a page says, as Markdown. Reads it as text only: nothing is executed, nothing fetched. */
export function articleOf({ html, url }: PageTask): ReadPage {
  const page = parsePage(html);
  const titled = page.querySelector("title") ?? page.querySelector("h1");
  const title = titled === null ? "" : visible(textOf(titled)).replaceAll(/\s+/g, " ").trim();
  const base = absolute(attribute(page.querySelector("base") ?? page.documentElement, "href"), url) ?? url;
  stripHidden(page);
  for (const element of page.querySelectorAll(boilerplate)) element.remove();
  return { title, text: visible(contentOf(page, base)) };
}

function contentOf(page: Page, base: string): string {
  const size = sizeOf(page.body);
  if (!fits(size, largest)) return plainTextOf(page.body);
  if (!fits(size, largestArticle)) return markdownOf(mainOf(page), base);
  const before = page.body.innerHTML;
  const whole = measureOf(mainOf(page));
  const article = readable(page);
  if (article !== null && keepsEnough(measureOf(article), whole)) return markdownOf(article, base);
  return markdownOf(mainOf(parsePage(before)), base);
}

/** What the page itself says is its content, if it is one thing. */
function mainOf(page: Page): PageElement {
  const [first, ...others] = page.querySelectorAll("main,[role=main]");
  return first !== undefined && others.length === 0 ? first : page.body;
}

/** What is left when everything is sorted out that looks like no article. Uses the page up. */
function readable(page: Page): PageElement | null {
  const options = { keepClasses: true, disableJSONLD: true, serializer: (content: unknown) => content };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it asks for the document of a browser and uses what linkedom has
  const found = new Readability(page as ConstructorParameters<typeof Readability>[0], options).parse();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it gives back an element of the page
  return (found?.content ?? null) as PageElement | null;
}

interface Measure {
  readonly length: number;
  readonly blocks: number;
}

function measureOf(element: PageElement): Measure {
  return {
    length: textOf(element).replaceAll(/\s+/g, " ").length,
    blocks: element.querySelectorAll("pre,table").length,
  };
}

/** What was sorted out must not be what the page is for: the answers of a forum, the tables and examples of a manual. */
function keepsEnough(kept: Measure, whole: Measure): boolean {
  return kept.length >= whole.length * 0.6 && kept.blocks >= whole.blocks;
}

function sizeOf(root: PageElement): Size {
  let [elements, deepest, depths] = [0, 0, 0];
  for (const { depth } of elementsOf(root)) {
    elements += 1;
    depths += depth;
    if (depth > deepest) deepest = depth;
  }
  return { elements, depth: deepest, depths };
}

function fits(size: Size, limit: Size): boolean {
  return size.elements <= limit.elements && size.depth <= limit.depth && size.depths <= limit.depths;
}

function visible(text: string): string {
  return text.replaceAll(invisible, "");
}
