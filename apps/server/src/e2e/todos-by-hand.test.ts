import { type WireServer, startWireServer } from "@orquestra/core/testing";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest";
import { question, say, screenshot, sessionOf } from "./page.ts";
import { planTokens } from "./plan.ts";
import { Product, browserThere, patience } from "./product.ts";

describe.runIf(browserThere())("a plan in the hands of a person", () => {
  let model: WireServer;
  let product: Product;

  beforeAll(async () => {
    model = await startWireServer();
    product = await Product.start(model.url);
  }, patience.timeout);

  afterAll(async () => {
    await product.close();
    await model.close();
  });

  it("is changed before it runs, runs as it was changed, and lets one tool be stopped alone", patience, async () => {
    model.script([
      { text: planTokens("Two things.", '1. file_write("wrong.md", "as planned")', '2. shell("sleep 600")') },
      { text: "The file is there, the command was stopped." },
    ]);
    const { context, page } = await product.signIn(await product.newSession());
    onTestFailed(() => console.error(product.problems));
    await say(page, "Write it down, then wait.");

    const card = question(page);
    await card
      .getByRole("button", { name: /^What to do with/ })
      .first()
      .click();
    await page.getByRole("menuitem", { name: "Edit…" }).click();
    await page.getByLabel("path").fill("right.md");
    await page.keyboard.press("Control+Enter");
    await page.getByText("Closed: what it asked for was changed.").waitFor();
    await screenshot(page, "by-hand-1-asked-anew");
    await card.getByRole("button", { name: "Allow both" }).click();

    const line = page.locator(".oq-plan li", { hasText: "sleep 600" });
    await line.getByRole("button", { name: /^Stop/ }).press("Enter");
    await page.getByText("The file is there, the command was stopped.").waitFor();
    await screenshot(page, "by-hand-2-stopped");
    expect(readFileSync(join(product.cli.project, "right.md"), "utf8")).toBe("as planned");
    expect(existsSync(join(product.cli.project, "wrong.md"))).toBe(false);

    const events = await product.eventsUntil(sessionOf(page), "run-completed");
    const ends = events.filter(({ type }) => /^todo-(cancelled|unknown|failed|skipped|completed)$/.test(type));
    expect(ends.map(({ type, data }) => [type, "todoId" in data ? data.todoId : ""])).toEqual([
      ["todo-completed", "t1"],
      ["todo-cancelled", "t2"],
    ]);
    model.assertComplete();
    expect(product.problems).toEqual([]);
    await context.close();
  });

  it("has what failed run again once its cause is gone, and leaves out what is not wanted any more", patience, async () => {
    model.script([
      { text: planTokens("I read it.", '1. file_read("late.md")', '2. file_write("copy.md", $1.text)', '3. shell("sleep 600")') },
      { text: "Read at the second try." },
    ]);
    const { context, page } = await product.signIn(await product.newSession());
    onTestFailed(() => console.error(product.problems));
    await say(page, "Copy late.md.");

    const failed = page.locator(".oq-card[data-status=failed]");
    await failed.getByRole("button", { name: "Try again", exact: true }).waitFor();
    await question(page).waitFor();
    await screenshot(page, "by-hand-3-failed");
    writeFileSync(join(product.cli.project, "late.md"), "here now");
    await failed.getByRole("button", { name: "Try again", exact: true }).click();
    await failed.waitFor({ state: "detached" });
    const line = page.locator(".oq-plan li", { hasText: "sleep 600" });
    await line.getByRole("button", { name: /^What to do with/ }).press("Enter");
    await page.getByRole("menuitem", { name: "Skip" }).click();
    const copy = question(page).filter({ hasText: "copy.md" });
    await copy.getByRole("button", { name: "Allow", exact: true }).click();

    await page.getByText("Read at the second try.").waitFor();
    expect(readFileSync(join(product.cli.project, "copy.md"), "utf8")).toContain("here now");
    model.assertComplete();
    expect(product.problems).toEqual([]);
    await context.close();
  });
});
