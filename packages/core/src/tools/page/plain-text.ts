import { type PageElement, type PageNode, textOf } from "./dom.ts";

const blocks =
  /^(?:ADDRESS|ARTICLE|ASIDE|BLOCKQUOTE|BR|DD|DIV|DL|DT|FIGCAPTION|FIGURE|FOOTER|H[1-6]|HEADER|HR|LI|MAIN|NAV|OL|P|PRE|SECTION|TABLE|TD|TH|TR|UL)$/;

const elementNode = 1;
const textNode = 3;

/** The text of an element with a line for every block: what is always possible, however large or deep the page is. */
export function plainTextOf(root: PageElement): string {
  const pieces: string[] = [];
  const left: (PageNode | "\n")[] = [root];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    if (node === "\n") {
      pieces.push(node);
      continue;
    }
    if (node.nodeType === textNode) pieces.push(textOf(node).replaceAll(/\s+/g, " "));
    if (node.nodeType !== elementNode) continue;
    const isBlock = blocks.test(node.nodeName);
    if (isBlock) left.push("\n");
    for (const child of [...node.childNodes].toReversed()) left.push(child);
    if (isBlock) left.push("\n");
  }
  const lines = pieces.join("").split("\n");
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join("\n");
}
