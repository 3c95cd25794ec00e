// In one file, without a canvas: a third of the time to load.
import { parseHTML } from "linkedom/worker";

/** What is used of a node of a page. Written out, as the engine has no types of a browser. */
export interface PageNode {
  readonly nodeType: number;
  /** In capitals for elements of HTML. */
  readonly nodeName: string;
  readonly textContent: string | null;
  readonly childNodes: Iterable<PageNode>;
}

export interface PageElement extends PageNode {
  readonly children: Iterable<PageElement> & { readonly length: number };
  readonly firstElementChild: PageElement | null;
  readonly parentElement: PageElement | null;
  readonly innerHTML: string;
  getAttribute(name: string): string | null;
  hasAttribute(name: string): boolean;
  closest(selector: string): PageElement | null;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement> & { readonly length: number };
  remove(): void;
}

export interface Page extends Pick<PageElement, "querySelector" | "querySelectorAll"> {
  readonly body: PageElement;
  readonly documentElement: PageElement;
}

/** The document of a page, or of a part of one. Nothing in it is executed or fetched. */
export function parsePage(html: string): Page {
  const page = /<html[\s>]/i.test(html) && /<body[\s>]/i.test(html) ? documentOf(html) : null;
  // What is written outside of a body is part of the page all the same.
  return page === null || textOf(page.body).trim() === "" ? documentOf(`<html><body>${html}</body></html>`) : page;
}

function documentOf(html: string): Page {
  // oxlint-disable-next-line typescript/no-unsafe-assignment -- linkedom's types are a browser's, which this package has not
  const { document }: { readonly document: Page } = parseHTML(html);
  return document;
}

/** An element and all below it, without recursion: pages may be nested as deep as they are long. */
export function* elementsOf(root: PageElement): Generator<{ readonly element: PageElement; readonly depth: number }> {
  const left = [{ element: root, depth: 0 }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    yield next;
    const depth = next.depth + 1;
    for (const element of [...next.element.children].toReversed()) left.push({ element, depth });
  }
}

export function attribute(element: PageElement, name: string): string {
  return element.getAttribute(name) ?? "";
}

export function textOf(node: PageNode): string {
  return node.textContent ?? "";
}
