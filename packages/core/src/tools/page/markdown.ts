import TurndownService from "turndown";
import { type PageElement, attribute, textOf } from "./dom.ts";

type Replacement = (content: string, node: PageElement) => string;

/** Never in what is given out: a control character is no text. */
const afterText = "\u0001";

/** Markdown of an element. Nothing in it makes a reader fetch anything: images are their words and their address as text. */
export function markdownOf(root: PageElement, base: string): string {
  const service = new TurndownService({ headingStyle: "atx", codeBlockStyle: "fenced", bulletListMarker: "-", emDelimiter: "*" });
  // What looks like HTML is text: it was written so in the page.
  const escaped = service.escape.bind(service);
  // And an exclamation mark before a link is one, and makes no image of it: where a text ends in one, the place is marked.
  service.escape = (text) => escaped(text).replaceAll("<", "\\<").replace(/!$/, `!${afterText}`);
  const rule = (name: string, tags: readonly string[], replacement: Replacement): void => {
    service.addRule(name, { filter: (node: PageElement) => tags.includes(node.nodeName.toLowerCase()), replacement });
  };
  rule("image", ["img"], (_content, image) => imageText(image, base, service));
  rule("link", ["a"], (content, link) => linkText(content, link, base));
  rule("code", ["pre"], (_content, block) => fenced(block));
  rule(
    "cell",
    ["th", "td"],
    (content) =>
      ` ${content
        .replaceAll(/\s*\n\s*/g, " ")
        .replaceAll("|", "\\|")
        .trim()} |`,
  );
  rule("row", ["tr"], (content, row) => (content.trim() === "" ? "" : `\n|${content}${isFirst(row) ? headOf(row) : ""}`));
  rule("table", ["table"], (content) => `\n\n${content.trim()}\n\n`);
  rule("rows", ["thead", "tbody", "tfoot"], (content) => content);
  rule("caption", ["caption"], (content) => `\n\n${content.trim()}\n\n`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- turndown asks for an element of a browser and uses what linkedom has
  const markdown = service.turndown(root as Parameters<TurndownService["turndown"]>[0]);
  return markdown
    .replaceAll(`!${afterText}[`, "\\![")
    .replaceAll(afterText, "")
    .replaceAll(/[ \t]+$/gm, "")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trim();
}

/** An address a person could open from here; null for scripts, data and the like. */
export function absolute(address: string, base: string): string | null {
  if (!URL.canParse(address, base)) return null;
  const url = new URL(address, base);
  return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : null;
}

function imageText(image: PageElement, base: string, service: TurndownService): string {
  const words = service.escape(attribute(image, "alt").replaceAll(/\s+/g, " ").trim());
  const address = absolute(attribute(image, "src"), base);
  // Nobody sees an image of a pixel: it is there to be fetched.
  if (["width", "height"].some((side) => /^\s*[01](?:px)?\s*$/.test(attribute(image, side)))) return "";
  // An empty description says that the image says nothing.
  if (words === "" && (image.hasAttribute("alt") || address === null)) return "";
  const parts = [words, address === null ? "" : addressText(address).replaceAll("![", "%21[")];
  return `(image: ${parts.filter((part) => part !== "").join(", ")})`;
}

function linkText(content: string, link: PageElement, base: string): string {
  const text = content.replaceAll(/\s+/g, " ").trim();
  const address = attribute(link, "href") === "" ? null : absolute(attribute(link, "href"), base);
  if (text === "") return "";
  return address === null || address === text ? text : `[${text}](${addressText(address)})`;
}

/** An address in which nothing can be taken for the end of a link or the beginning of code. */
function addressText(address: string): string {
  return address.replaceAll(/[()<>`]/g, (character) => `%${(character.codePointAt(0) ?? 0).toString(16)}`);
}

function fenced(block: PageElement): string {
  const code = textOf(block).replace(/^\n/, "").trimEnd();
  const near = [block, block.firstElementChild, block.parentElement];
  const classes = near.map((element) => (element === null ? "" : attribute(element, "class"))).join(" ");
  const [, language = ""] = /(?:language|lang|highlight-source|brush:)-?\s?([\w+#.-]{1,30})/.exec(classes) ?? [];
  const ticks = code.match(/`{3,}/g)?.map(({ length }) => length) ?? [];
  const fence = "`".repeat(Math.max(3, ...ticks.map((length) => length + 1)));
  return `\n\n${fence}${language}\n${code}\n${fence}\n\n`;
}

function isFirst(row: PageElement): boolean {
  return row.closest("table")?.querySelector("tr") === row;
}

function headOf(row: PageElement): string {
  return `\n|${" --- |".repeat(row.children.length)}`;
}
