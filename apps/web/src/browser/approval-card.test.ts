import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { commandCard, longCommand, manyTodos, order, planCard, proposedCard, tangledText } from "./approval-scripts.ts";
import { commandOf } from "./harness.ts";
import { inBrowser } from "./in-browser.ts";
import { cutOff, tooSmall } from "./look.ts";
import { Refusal } from "./server.ts";

inBrowser("the card of a plan", (harness) => {
  it.each([320, 380])("says at %i px where each value came from, and cuts nothing off", async (width) => {
    const { page } = await harness.open({ scripts: [planCard()], viewport: { width, height: 900 } });
    await page.getByText("Reads 14 files, changes 3 files under src/auth, runs npm test, reaches orders.example.").waitFor();
    const last = page.locator(".oq-ask-todo").last();
    expect(await last.locator(".oq-ask-outside").allInnerTexts()).toEqual([
      "recipient\nDE00 0000 0000 0000 0000 00\ncopied from bill.txt, line 6, in todo 1 (file_read), text nobody vouches for",
    ]);
    expect(await last.locator(".oq-ask-final").innerText()).toContain("cannot be undone: money that is spent is gone");
    await openDetails(page);
    const shown = await last
      .locator(".oq-args > div")
      .evaluateAll((rows) =>
        rows.map((row) => [row.querySelector("dt")?.textContent, row.querySelector(".oq-ask-value")?.textContent]),
      );
    expect(shown).toEqual(
      Object.entries(order.arguments).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
    );
    expect(await last.locator(".oq-source").evaluateAll((all) => all.map((one) => one.getAttribute("data-from")))).toEqual([
      "user",
      "system",
      "outside",
      "workspace",
    ]);
    expect(await cutOff(page)).toEqual([]);
    expect(await tooSmall(page)).toEqual([]);
  });

  it("names the page a proposal was suggested after, and offers it for this once only", async () => {
    const { page } = await harness.open({ scripts: [proposedCard()], viewport: { width: 320, height: 900 } });
    const card = page.locator(".oq-ask");
    const notes = await card.locator(".oq-ask-outside").allInnerTexts();
    expect(notes[0]).toMatch(/^suggested after reading https:\/\/docs\.gateway\.example\/limits\/.+, in todo 1 \(web_fetch\)$/);
    expect(notes[1]).toMatch(
      /^url\nhttps:\/\/collect\.example\/register\n.+the same stands in https:.+, line 3, in todo 1 \(web_fetch\)$/,
    );
    expect(await card.getByRole("button", { name: "Always…" }).count()).toBe(0);
    expect(await card.getByRole("button", { name: "For this run…" }).count()).toBe(0);
    await card.getByText("No rule can allow this from now on: text from outside had a part in it.").waitFor();
    expect(await cutOff(page)).toEqual([]);
  });

  it.each([320, 380])("shows a command at %i px whole, part by part, with where it runs", async (width) => {
    const { page } = await harness.open({ scripts: [commandCard()], viewport: { width, height: 900 } });
    const [tangled, hidden] = [page.locator(".oq-ask-todo").first(), page.locator(".oq-ask-todo").last()];
    expect(await tangled.getByRole("group", { name: "The whole command" }).textContent()).toBe(tangledText);
    expect(await tangled.locator(".oq-ask-parts li").count()).toBe(7);
    expect(await tangled.locator(".oq-ask-parts li").nth(1).innerText()).toBe(
      "2\nnpm ci --ignore-scripts\nis one of 3 commands, runs only if the one before succeeds",
    );
    expect(await tangled.locator(".oq-ask-warning").innerText()).toBe("with all your rights, outside the sandbox");
    expect(await hidden.getByRole("group", { name: "The whole command" }).textContent()).toContain(
      "\\u{202e}txt.yap-on\\u{202c}",
    );
    await hidden.getByText("It contains characters that cannot be seen.").waitFor();
    await openDetails(page);
    expect(await cutOff(page)).toEqual([]);
    expect(await tooSmall(page)).toEqual([]);
  });

  it("drops no part of a command, however many there are, and can be answered", async () => {
    const { page, server } = await harness.open({ scripts: [longCommand(2_000)] });
    const parts = page.locator(".oq-ask-parts li");
    expect(await parts.evaluateAll((all) => [all.length, all.at(-1)?.querySelector("code")?.textContent])).toEqual([
      2_000,
      "echo 1999",
    ]);
    await page.getByRole("button", { name: "Allow", exact: true }).click();
    expect(await commandOf(server, "approval-respond")).toEqual({ approvalId: "ap1", decision: "allow_once" });
  });

  it("shows every todo of a long plan", async () => {
    const { page } = await harness.open({ scripts: [manyTodos(40)], viewport: { width: 320, height: 900 } });
    expect(await page.locator(".oq-ask-todo").count()).toBe(40);
    await page.getByRole("button", { name: "Allow all 40" }).waitFor();
    expect(await cutOff(page)).toEqual([]);
  });

  it("says how far a yes for the run reaches before it is given", async () => {
    const { page, server } = await harness.open({ scripts: [planCard()] });
    await page.getByRole("button", { name: "For this run…" }).click();
    await page.getByText("Exactly these calls, with these values, may be made again in this run, for 10 minutes.").waitFor();
    expect(server.commands.filter(({ type }) => type === "approval-respond")).toEqual([]);
    await page.getByRole("button", { name: "Allow for this run" }).click();
    expect(await commandOf(server, "approval-respond")).toEqual({ approvalId: "ap1", decision: "allow_once", scope: "plan" });
    await page.getByText("You allowed all 5 for this run.").waitFor();
  });

  it("keeps the sum of it all in sight while its todos scroll, with nothing below it that has the focus", async () => {
    const { page } = await harness.open({ scripts: [planCard()], viewport: { width: 320, height: 900 } });
    const [sum, log] = [page.locator(".oq-ask-sum"), page.getByRole("log")];
    const place = async () => [(await sum.boundingBox())?.y ?? -1, (await log.boundingBox())?.y ?? 0] as const;
    await page.locator(".oq-ask-todo").last().scrollIntoViewIfNeeded();
    const [top, edge] = await place();
    expect(top).toBeGreaterThanOrEqual(edge);
    // What the keyboard goes to is not below it.
    await page.locator(".oq-ask-todo").last().locator("summary").focus();
    for (let press = 0; press < 8; press += 1) await page.keyboard.press("Shift+Tab");
    const under = await page.evaluate(() => {
      const [focused, above] = [document.activeElement, document.querySelector(".oq-ask-top")];
      if (focused === null || above === null || !above.parentElement?.contains(focused)) return "left";
      return focused.getBoundingClientRect().top >= above.getBoundingClientRect().bottom - 1;
    });
    expect(under).toBe(true);
  });

  it("says that an answer is on its way while there is no connection", async () => {
    const { page, server } = await harness.open({ scripts: [planCard()] });
    server.drop("no");
    await page.getByText(/^Connection lost/).waitFor();
    await page.getByRole("button", { name: "Allow all 5" }).click();
    await page.locator(".oq-ask").getByText("Your answer is on its way. Nothing happens before it arrives.").waitFor();
    server.accept();
    await page.getByRole("button", { name: "Try now" }).click();
    await page.getByText("You allowed all 5.").waitFor();
  });

  it("says what the server has against an answer, and stays open", async () => {
    const message = "It was answered in another window.";
    const refuse = () => new Refusal("conflict", message);
    const { page } = await harness.open({ scripts: [planCard()], answers: { "approval-respond": refuse } });
    await page.getByRole("button", { name: "Allow all 5" }).click();
    await page.locator(".oq-ask").getByText(message).waitFor();
    await page.locator(".oq-ask footer button:enabled").first().waitFor();
  });
});

async function openDetails(page: Page): Promise<void> {
  for (const summary of await page.locator(".oq-ask-more > summary").all()) await summary.click();
}
