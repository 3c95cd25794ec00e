import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { flooded, planCard, proposedCard } from "./approval-scripts.ts";
import { browserThere } from "./chromium.ts";
import { Harness, settled } from "./harness.ts";
import { cutOff } from "./look.ts";
import {
  costly,
  crowded,
  empty,
  failed,
  fanned,
  finished,
  harmless,
  long,
  markdown,
  paused,
  payments,
  planned,
  refusedKey,
  streaming,
  struggling,
  trouble,
} from "./scenarios.ts";

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

const untrusted = { workspace: "/home/ann/docs-site", model: "demo", mode: "ask" } as const;
const scripts = () => [
  payments(),
  harmless(),
  planCard(),
  proposedCard(),
  flooded(),
  finished(),
  trouble(),
  streaming(),
  failed(),
  paused(),
  markdown(),
  long(),
  crowded(),
  fanned(),
  refusedKey(),
  planned(),
  struggling(),
  costly(),
  empty("new-untrusted", untrusted),
  empty("new-demo", { model: "demo" }),
  empty("new-ready"),
  empty("new-no-folder", { workspace: null }),
];
const names = [...scripts().map((script) => script.sessionId), "no-such-session"];
const widths = [320, 400, 1280];

const press = async (page: Page, role: "button" | "menuitem", name: string | RegExp): Promise<void> =>
  page.getByRole(role, { name }).first().click();

/** Everything that opens: what it is, in which session, and how. */
const openings: readonly (readonly [string, string, (page: Page) => Promise<void>])[] = [
  ["the modes", "finished", (page) => press(page, "button", /^Mode:/)],
  ["the models", "finished", (page) => press(page, "button", /^Model:/)],
  ["the usage", "finished", (page) => press(page, "button", /^Context/)],
  ["the menu", "finished", (page) => press(page, "button", "More")],
  ["a reason", "payments", (page) => press(page, "button", "Say why not")],
  ["a choice", "payments", (page) => press(page, "button", "Only some")],
  ["a rule", "payments", (page) => press(page, "button", "Always…")],
  ["the details", "payments", (page) => page.getByText("exactly what, and why I ask").last().click()],
  ["the details of an order", "plan-card", (page) => page.getByText("exactly what, and why I ask").last().click()],
  ["a yes for the run", "plan-card", (page) => press(page, "button", "For this run…")],
  ["a fan-out", "fanned", (page) => page.locator(".oq-card summary").click()],
  ["a tool card", "payments", (page) => page.getByText("npm test payments").first().click()],
  [
    "what can be done to a todo",
    "planned",
    (page) =>
      page
        .locator(".oq-plan")
        .getByRole("button", { name: /^What to do with “Write/ })
        .press("Enter"),
  ],
  [
    "the form for a todo, with what is wrong in it",
    "planned",
    async (page) => {
      await page
        .locator(".oq-plan")
        .getByRole("button", { name: /^What to do with “Tell/ })
        .press("Enter");
      await press(page, "menuitem", "Edit…");
      await page.getByLabel("attempts").fill("many");
      await press(page, "button", "replace file");
      await page.keyboard.press("Control+Enter");
      await page.getByText("This must be a number.").waitFor();
    },
  ],
  [
    "cards of what does not go well",
    "struggling",
    async (page) => {
      for (const text of ["orders.example", "make warm"])
        await page.locator(".oq-card summary", { hasText: text }).first().click();
    },
  ],
  [
    "what runs, below the score",
    "struggling",
    async (page) => {
      await press(page, "button", "More");
      await press(page, "menuitem", "Score and changes");
      await page.locator(".oq-running").first().waitFor();
    },
  ],
  ["the done todos", "payments", (page) => press(page, "button", /3 done/)],
  ["the form for a key", "new-demo", (page) => press(page, "button", "Paste a key…")],
  [
    "the dialog for models",
    "finished",
    async (page) => {
      await press(page, "button", /^Model:/);
      await press(page, "button", "Set up a model…");
      await page.getByRole("dialog", { name: "Set up a model" }).waitFor();
    },
  ],
  [
    "a change that was taken back",
    "finished",
    async (page) => {
      await press(page, "button", "Undo docs/payments.md");
      await page.getByRole("button", { name: "Redo docs/payments.md" }).waitFor();
    },
  ],
  ["the title", "finished", (page) => press(page, "button", "Retry the failing payments")],
  [
    "the files",
    "finished",
    async (page) => {
      await page.getByRole("textbox", { name: "Message", exact: true }).pressSequentially("@pay");
      await page.getByRole("listbox", { name: "Files" }).waitFor();
    },
  ],
  [
    "the sessions and a confirmation",
    "finished",
    async (page) => {
      await press(page, "button", "Sessions");
      await press(page, "button", /^What to do with/);
      await press(page, "menuitem", "Delete…");
      await page.getByRole("dialog", { name: "Delete this session?" }).waitFor();
    },
  ],
  [
    "the stage",
    "finished",
    async (page) => {
      await press(page, "button", "More");
      await press(page, "menuitem", "Score and changes");
      await page.getByRole("tab", { name: /Changes/ }).click();
      await page.getByRole("button", { name: /^Undo/ }).first().waitFor();
    },
  ],
];

describe.skipIf(!browserThere())("every state of the page", () => {
  let harness: Harness;
  let axe: string;

  beforeAll(async () => {
    harness = await Harness.start();
    axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  }, 60_000);
  afterEach(() => harness.clear());
  afterAll(() => harness.close());

  for (const width of widths) {
    it(`fits and is accessible in both schemes, ${width} px`, async () => {
      const server = await harness.serve(scripts());
      const { page, errors } = await harness.visit(server, "payments", {
        colorScheme: "dark",
        viewport: { width, height: 720 },
      });
      await page.evaluate(axe);
      for (const name of names) {
        await page.evaluate((session) => (location.hash = `#/s/${session}`), name);
        await shows(page, name);
        await holdsUp(page, name);
      }
      expect(errors).toEqual([]);
    }, 120_000);
  }

  it("holds up with everything open that can be opened, in both schemes, 320 px", async () => {
    const scenes = [payments(), planCard(), finished(), fanned(), planned(), struggling(), empty("new-demo", { model: "demo" })];
    const server = await harness.serve(scenes);
    for (const [what, session, open] of openings) {
      const { page } = await harness.visit(server, session, { colorScheme: "dark", viewport: { width: 320, height: 720 } });
      await page.evaluate(axe);
      await open(page);
      await holdsUp(page, what);
      await harness.clear();
    }
  }, 120_000);

  it("keeps its meaning in forced colours", async () => {
    const { page } = await harness.open({ scripts: [payments()], forcedColors: "active" });
    await page.evaluate(axe);
    expect(await violations(page)).toEqual([]);
  });

  it("moves nothing when the person wants less motion, and something when not", async () => {
    const server = await harness.serve([payments()]);
    const moving = async (reducedMotion: "reduce" | "no-preference"): Promise<number> => {
      const { page } = await harness.visit(server, "payments", { reducedMotion });
      return page.evaluate(() => document.getAnimations().length);
    };
    expect(await moving("reduce")).toBe(0);
    expect(await moving("no-preference")).toBeGreaterThan(0);
  });

  it("loads nothing that another host would notice, whatever the text says", async () => {
    const server = await harness.serve([markdown()]);
    const { page } = await harness.visit(server, "markdown");
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.reload();
    await settled(page);
    await page.getByText("not loaded from tracker.example").waitFor();
    expect(asked.filter((url) => !url.startsWith(server.url) && !url.startsWith(server.url.replace("http", "ws")))).toEqual([]);
    expect(await page.locator(".oq-thread").locator("script, img, iframe, style, link, object").count()).toBe(0);
    expect(await page.locator(".oq-thread a").evaluateAll((links) => links.map((link) => link.getAttribute("href")))).toEqual([
      "https://docs.example.org/retries",
      "https://evil.example/login",
    ]);
  });
});

/** The page shows this session. */
async function shows(page: Page, name: string): Promise<void> {
  const title = scripts().find((script) => script.sessionId === name)?.events[0];
  const heading = title?.type === "session-created" ? title.data.title || "New session" : "There is no such session.";
  await page.getByRole("heading", { level: 1, name: heading }).waitFor();
  await settled(page);
}

/** Nothing is wider than the window, cut off or out of reach for anybody. A scheme changes colours alone: of the other one only those are looked at. */
async function holdsUp(page: Page, what: string): Promise<void> {
  expect(await overflow(page), `${what} is wider than the window`).toBeLessThanOrEqual(0);
  expect(await cutOff(page), what).toEqual([]);
  expect(await violations(page), what).toEqual([]);
  await page.emulateMedia({ colorScheme: "light" });
  expect(await violations(page, { type: "rule", values: ["color-contrast"] }), `${what}, light`).toEqual([]);
  await page.emulateMedia({ colorScheme: "dark" });
}

function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}

interface Checks {
  readonly type: "tag" | "rule";
  readonly values: readonly string[];
}

const all: Checks = { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] };

async function violations(page: Page, runOnly: Checks = all): Promise<readonly string[]> {
  const options = JSON.stringify({ runOnly, resultTypes: ["violations"] });
  const found = await page.evaluate<readonly Violation[]>(`axe.run(document, ${options}).then((result) => result.violations)`);
  return found.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ""}`));
}
