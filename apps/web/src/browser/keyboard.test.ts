import type { Locator } from "playwright-core";
import { expect, it } from "vitest";
import { inBrowser } from "./in-browser.ts";
import { finished, payments } from "./scenarios.ts";

inBrowser("the keyboard", (harness) => {
  it("comes back to what opened something when that is closed", async () => {
    const { page } = await harness.open({ scripts: [finished()] });
    for (const name of [/^Context/, /^More$/, /^Mode:/, /^Model:/, /^Sessions$/]) {
      const button = page.getByRole("button", { name });
      await button.press("Enter");
      await page.locator(".oq-popup, .oq-sheet").waitFor();
      await page.keyboard.press("Escape");
      await page.locator(".oq-popup, .oq-sheet").waitFor({ state: "detached" });
      expect(await isFocused(button), String(name)).toBe(true);
    }
  });

  it("comes back to the model when one was set up", async () => {
    const { page } = await harness.open({ scripts: [finished()] });
    const model = page.getByRole("button", { name: /^Model:/ });
    await model.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Set up a model" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await isFocused(model)).toBe(true);
  });

  it("comes back to the title when it was changed or left as it was", async () => {
    const { page } = await harness.open({ scripts: [finished()] });
    for (const key of ["Enter", "Escape"]) {
      await page.getByRole("button", { name: "Retry the failing payments" }).press("Enter");
      await page.getByRole("textbox", { name: "Title of the session" }).press(key);
      const title = page.getByRole("button", { name: "Retry the failing payments" });
      await title.waitFor();
      expect(await isFocused(title), key).toBe(true);
    }
  });

  it("stays with a question while its buttons change", async () => {
    const { page } = await harness.open({ scripts: [payments()] });
    await page.locator(".oq-ask footer button:enabled").first().waitFor();
    const card = page.locator(".oq-ask");
    for (const view of ["Only some", "Back", "Always…", "Back"]) {
      await page.getByRole("button", { name: view }).press("Enter");
      expect(await isFocused(card), view).toBe(true);
    }
  });

  it("closes what is open with Esc before it stops the run", async () => {
    const { page, server } = await harness.open({ scripts: [payments()], viewport: { width: 1280, height: 720 } });
    await page.getByRole("button", { name: /^Context/ }).press("Enter");
    await page.getByText("tokens").first().waitFor();
    await page.keyboard.press("Escape");
    await page.locator(".oq-popup").waitFor({ state: "detached" });
    await page.getByRole("searchbox").fill("file");
    await page.keyboard.press("Escape");
    expect(await page.getByRole("searchbox").inputValue()).toBe("");
    expect(server.commands.some((command) => command.type === "run-cancel")).toBe(false);
  });

  it("leaves nothing open behind it", async () => {
    const { page } = await harness.open({ scripts: [finished()] });
    await page.getByRole("button", { name: /^Mode:/ }).press("Enter");
    await page.getByRole("listbox", { name: "Mode" }).waitFor();
    await page.keyboard.press("Tab");
    await page.locator(".oq-popup").waitFor({ state: "detached" });
  });
});

function isFocused(element: Locator): Promise<boolean> {
  return element.evaluate((node) => node === document.activeElement);
}
