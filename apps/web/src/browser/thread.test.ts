import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { type BrowserHarness, inBrowser } from "./in-browser.ts";
import { finished, long, streaming } from "./scenarios.ts";
import type { ScriptedServer } from "./server.ts";

inBrowser("the thread", (harness) => {
  it("opens at its end, and stays there while text comes in", async () => {
    const { page, server } = await harness.open({ scripts: [streaming()] });
    await page.getByText("return await run();").waitFor();
    await stream(server, 60);
    await page.getByText("line 59").waitFor();
    await expect.poll(() => distanceToEnd(page)).toBeLessThan(2);
  });

  it("does not move by a pixel for somebody who scrolled up", async () => {
    const { page, server } = await harness.open({ scripts: [streaming()], viewport: { width: 400, height: 420 } });
    await page.getByText("return await run();").waitFor();
    await stream(server, 60);
    await page.getByText("line 59").waitFor();
    await page.getByRole("log").hover();
    await page.mouse.wheel(0, -400);
    await page.getByRole("button", { name: "To the end" }).waitFor();
    const before = await position(page);
    await stream(server, 120, 60);
    await expect.poll(() => page.getByRole("log").evaluate((log) => log.scrollHeight)).toBeGreaterThan(before.height + 200);
    expect((await position(page)).top).toBe(before.top);
    await page.getByRole("button", { name: "To the end" }).click();
    await page.getByText("line 119").waitFor();
    await expect.poll(() => distanceToEnd(page)).toBeLessThan(2);
  });

  it("goes to the end with what the person says, wherever they had scrolled to", async () => {
    const { page } = await harness.open({ scripts: [finished()] });
    await page.getByRole("log").hover();
    await page.mouse.wheel(0, -2_000);
    await page.getByRole("button", { name: "To the end" }).waitFor();
    await page.getByRole("textbox", { name: "Message", exact: true }).fill("And in the other client?");
    await page.keyboard.press("Enter");
    await page.locator(".oq-you").getByText("And in the other client?").waitFor();
    await expect.poll(() => distanceToEnd(page)).toBeLessThan(2);
  });

  it("keeps only what is near the view in the document", async () => {
    const { page } = await harness.open({ scripts: [long()] });
    await page.getByText("And all of it together?").waitFor();
    await expect.poll(() => distanceToEnd(page)).toBeLessThan(2);
    expect(await page.locator(".oq-row").count()).toBeLessThan(20);
    expect(await page.evaluate(() => document.querySelectorAll("*").length)).toBeLessThan(1500);
  });

  it("shows the same text after any number of lost connections as without", async () => {
    const golden = await transcript(harness, 0);
    expect(await transcript(harness, 8)).toBe(golden);
  }, 60_000);

  it("takes a change back and puts it there again", async () => {
    const { page, server } = await harness.open({ scripts: [finished()] });
    await page.getByRole("button", { name: "Undo docs/payments.md" }).click();
    await page.getByRole("button", { name: "Redo docs/payments.md" }).click();
    await page.getByRole("button", { name: "Undo docs/payments.md" }).waitFor();
    expect(server.commands.filter((command) => command.type === "checkpoint-restore").map((command) => command.data)).toEqual([
      { runId: "r1", todoId: "t4", path: "docs/payments.md", redo: false },
      { runId: "r1", todoId: "t4", path: "docs/payments.md", redo: true },
    ]);
  });

  it("takes a click while it scrolls, as it does all the time text comes in", async () => {
    const { page } = await harness.open({ scripts: [finished()], viewport: { width: 400, height: 420 } });
    const undo = page.getByRole("button", { name: "Undo docs/payments.md" });
    await undo.scrollIntoViewIfNeeded();
    const hit = await undo.evaluate(async (button) => {
      const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      for (let frame = 0; frame < 4; frame += 1) {
        button.closest("[role=log]")?.scrollBy(0, frame % 2 === 0 ? -4 : 4);
        await nextFrame();
      }
      const { left, top, width, height } = button.getBoundingClientRect();
      return document.elementFromPoint(left + width / 2, top + height / 2) === button;
    });
    expect(hit).toBe(true);
  });

  it("says why a change was left as it is", async () => {
    const message = "src/payments/client.ts was changed since; nothing was overwritten.";
    const { page } = await harness.open({
      scripts: [finished()],
      answers: { "checkpoint-restore": () => ({ restored: [], conflicts: [{ path: "docs/payments.md", message }] }) },
    });
    await page.getByRole("button", { name: "Undo docs/payments.md" }).click();
    await page.getByRole("alert").getByText(message).waitFor();
  });

  it("goes to the message a search found", async () => {
    const { page } = await harness.open({ scripts: [finished(), long()], viewport: { width: 1280, height: 720 } });
    await page.getByRole("textbox", { name: "Message", exact: true }).waitFor();
    await page.keyboard.press("Control+k");
    await page.keyboard.type("file 3?");
    await page.getByRole("button", { name: /Question 3: what/ }).click();
    await page.locator("[data-message=m-r3]").waitFor();
    await expect.poll(() => page.locator("[data-message=m-r3]").evaluate((row) => row === document.activeElement)).toBe(true);
    expect(await page.evaluate(() => location.hash)).toBe("#/s/long/m/m-r3");
  });
});

/** Sends lines `from` … `to` of an open part. */
async function stream(server: ScriptedServer, to: number, from = 0): Promise<void> {
  for (let line = from; line < to; line += 1) {
    server.play("streaming", (script) => {
      const offset = script.deltas.reduce((length, delta) => length + delta.text.length, 0);
      script.deltas.push({ v: 1, type: "delta", sessionId: "streaming", partId: "p1", offset, text: `\n    // line ${line}` });
    });
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
}

/** What the thread says at the end of a stream in which the connection was cut so many times. */
async function transcript(harness: BrowserHarness, cuts: number): Promise<string> {
  const { page, server } = await harness.open({ scripts: [streaming()] });
  await page.getByText("return await run();").waitFor();
  for (let part = 0; part < 8; part += 1) {
    await stream(server, 10 * (part + 1), 10 * part);
    if (part < cuts) server.drop("yes");
  }
  server.play("streaming", (script) => {
    const text = script.deltas.map((delta) => delta.text).join("");
    script.event("part-closed", { partId: "p1", text }).event("message-completed", { messageId: "a-r1", text });
    script.event("run-completed", { stopReason: "end_turn", usage: { inputTokens: 10, outputTokens: 10 }, cost: 0.001 });
  });
  await page.getByText("1 model call").waitFor({ timeout: 15_000 });
  return page.getByRole("log").innerText();
}

function position(page: Page): Promise<{ readonly top: number; readonly height: number }> {
  return page.getByRole("log").evaluate((log) => ({ top: log.scrollTop, height: log.scrollHeight }));
}

function distanceToEnd(page: Page): Promise<number> {
  return page.getByRole("log").evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight);
}
