import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { inBrowser } from "./in-browser.ts";
import { tooSmall } from "./look.ts";
import {
  crowded,
  empty,
  fanned,
  finished,
  long,
  payments,
  paused,
  planned,
  refusedKey,
  struggling,
  trouble,
} from "./scenarios.ts";

inBrowser("the look of the page", (harness) => {
  it("leaves nothing to press that a finger would miss", async () => {
    const states = [
      payments(),
      finished(),
      trouble(),
      paused(),
      refusedKey(),
      planned(),
      struggling(),
      empty("new-demo", { model: "demo" }),
    ];
    const server = await harness.serve(states);
    for (const { sessionId } of states) {
      const { page } = await harness.visit(server, sessionId, { viewport: { width: 320, height: 720 } });
      expect(await tooSmall(page), sessionId).toEqual([]);
      await harness.clear();
    }
    const { page } = await harness.visit(server, "payments");
    await page.getByRole("button", { name: "Only some" }).click();
    expect(await tooSmall(page)).toEqual([]);
    await page.getByRole("button", { name: "Sessions" }).click();
    expect(await tooSmall(page)).toEqual([]);
  });

  it("draws every bar of the score to scale, with room between the figures above", async () => {
    const server = await harness.serve([crowded()]);
    for (const width of [320, 1280]) {
      const { page } = await harness.visit(server, "crowded", { viewport: { width, height: 720 } });
      if (width < 1100) await openStage(page);
      const bars = await widths(page, "Score");
      expect(bars[8]).toBeGreaterThan(4 * (bars[34] ?? 0));
      expect(bars[0]).toBeLessThanOrEqual(4);
      expect(await touching(page), `${width} px`).toEqual([]);
      await harness.clear();
    }
  });

  it("tells the todos of a fan-out apart, and keeps what went wrong inside the card", async () => {
    const { page } = await harness.open({ scripts: [fanned()], viewport: { width: 320, height: 720 } });
    await page.locator(".oq-card summary").click();
    const lines = page.locator(".oq-children li");
    expect(await lines.nth(0).innerText()).toContain("…package-1/src");
    const failure = lines.nth(5).getByText("No such file or directory");
    const [inside, card] = await Promise.all([failure.boundingBox(), page.locator(".oq-card").boundingBox()]);
    expect((inside?.x ?? 0) + (inside?.width ?? 0)).toBeLessThanOrEqual((card?.x ?? 0) + (card?.width ?? 0));
  });

  it("shows the open session in the list, however old it is", async () => {
    const newer = Array.from({ length: 30 }, (_, index) => empty(`new-${index}`));
    const { page } = await harness.open({ scripts: [long(), ...newer], viewport: { width: 1280, height: 600 } });
    const row = page.locator(".oq-rail [aria-current=page]");
    await expect.poll(() => row.evaluate((item) => item.getBoundingClientRect().bottom <= innerHeight)).toBe(true);
  });

  it("says so where a change was taken back, in the card and in the list of changes", async () => {
    const { page } = await harness.open({ scripts: [finished()], viewport: { width: 1280, height: 720 } });
    await page.getByRole("tab", { name: /Changes/ }).click();
    const change = page.getByRole("article", { name: "Write docs/payments.md" });
    await change.getByRole("button", { name: /^Undo/ }).click();
    await change.getByText("undone", { exact: true }).waitFor();
    await page.locator("[data-todo='r1:t4'] summary").getByText("undone", { exact: true }).waitFor();
  });

  it("offers another model where the key was refused", async () => {
    const { page } = await harness.open({ scripts: [refusedKey()] });
    await page.getByRole("group", { name: "The run failed" }).getByRole("button", { name: "Set up a model…" }).click();
    await page.getByRole("dialog", { name: "Set up a model" }).waitFor();
  });
});

async function openStage(page: Page): Promise<void> {
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Score and changes" }).click();
  await page.getByRole("region", { name: "Score" }).waitFor();
}

/** How wide the bars of the todos are, in their order. */
function widths(page: Page, region: string): Promise<readonly number[]> {
  const lanes = page.getByRole("region", { name: region }).locator(".oq-lane:has(button) .oq-bar");
  return lanes.evaluateAll((bars) => bars.map((bar) => bar.getBoundingClientRect().width));
}

/** Neighbouring figures of the ruler that touch. */
function touching(page: Page): Promise<readonly string[]> {
  return page.locator(".oq-ruler span").evaluateAll((spans) =>
    spans.flatMap((span, index) => {
      const next = spans[index + 1]?.getBoundingClientRect();
      return next !== undefined && span.getBoundingClientRect().right > next.left ? [span.textContent ?? ""] : [];
    }),
  );
}
