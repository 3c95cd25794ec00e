import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { commandOf } from "./harness.ts";
import { inBrowser } from "./in-browser.ts";
import { empty, finished, paused, payments } from "./scenarios.ts";

inBrowser("the composer", (harness) => {
  it("sends with Enter, breaks the line with Shift+Enter", async () => {
    const { page, server } = await harness.open({ scripts: [finished()] });
    await field(page).pressSequentially("one");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.type("two");
    await page.keyboard.press("Enter");
    expect(await commandOf(server, "message-send")).toEqual({ text: "one\ntwo" });
    expect(await field(page).inputValue()).toBe("");
    await page.locator(".oq-you").getByText("one").last().waitFor();
  });

  it("leaves Enter to an input method that composes", async () => {
    const { page, server } = await harness.open({ scripts: [finished()] });
    await field(page).fill("に");
    await field(page).evaluate((element) => {
      const key = { key: "Enter", bubbles: true, cancelable: true };
      element.dispatchEvent(new KeyboardEvent("keydown", { ...key, isComposing: true }));
      element.dispatchEvent(new KeyboardEvent("keydown", { ...key, keyCode: 229 }));
    });
    expect(await field(page).inputValue()).toBe("に");
    await field(page).press("Enter");
    expect(await commandOf(server, "message-send")).toEqual({ text: "に" });
    expect(server.commands.filter((command) => command.type === "message-send")).toHaveLength(1);
  });

  it("keeps a draft for each session over a reload", async () => {
    const { page } = await harness.open({ scripts: [finished(), payments()], viewport: { width: 1280, height: 720 } });
    await field(page).fill("half a thought");
    await page.reload();
    await expect.poll(() => field(page).inputValue()).toBe("half a thought");
    await page.evaluate(() => (location.hash = "#/s/payments"));
    await page.getByRole("button", { name: "Allow both" }).waitFor();
    expect(await field(page).inputValue()).toBe("");
  });

  it("grows with its text, to no more than 40 % of the window", async () => {
    const { page } = await harness.open({ scripts: [finished()] });
    const height = () => field(page).evaluate((element) => element.clientHeight);
    const small = await height();
    await field(page).fill("line\n".repeat(6));
    expect(await height()).toBeGreaterThan(small);
    await field(page).fill("line\n".repeat(80));
    expect(await height()).toBeLessThanOrEqual(0.4 * 720);
  });

  it("attaches a file named with @, with the keyboard alone", async () => {
    const { page, server } = await harness.open({ scripts: [finished()] });
    await field(page).pressSequentially("Look at @pay");
    const options = page.getByRole("listbox", { name: "Files" }).getByRole("option");
    await expect.poll(() => options.count()).toBe(4);
    await page.keyboard.press("ArrowDown");
    const active = await options.nth(1).getAttribute("id");
    expect(await field(page).getAttribute("aria-activedescendant")).toBe(active);
    await page.keyboard.press("Enter");
    await page.getByRole("list", { name: "Attached files" }).last().getByText("@src/payments/client.test.ts").waitFor();
    await page.keyboard.type("please");
    await page.keyboard.press("Enter");
    expect(await commandOf(server, "message-send")).toEqual({
      text: "Look at @src/payments/client.test.ts please",
      attachments: [{ type: "file", path: "src/payments/client.test.ts" }],
    });
  });

  it("has the caret behind a chosen file at once, so that typing on lands there", async () => {
    const { page } = await harness.open({ scripts: [finished()] });
    await field(page).pressSequentially("Look at @pay");
    await page.getByRole("listbox", { name: "Files" }).getByRole("option").first().waitFor();
    const left = await field(page).evaluate((element: HTMLTextAreaElement) => {
      element.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
      return element.value.slice(element.selectionStart);
    });
    expect(left).toBe("");
    expect(await field(page).inputValue()).toMatch(/^Look at @src\/payments\/\S+ $/);
  });

  it("closes the list of files with Esc and stops nothing", async () => {
    const { page, server } = await harness.open({ scripts: [payments()] });
    await field(page).pressSequentially("@pay");
    await page.getByRole("listbox", { name: "Files" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("listbox", { name: "Files" }).waitFor({ state: "detached" });
    expect(server.commands.some((command) => command.type === "run-cancel")).toBe(false);
  });

  it("stops the run with Esc in the very task of the key press", async () => {
    const { page, server } = await harness.open({ scripts: [payments()] });
    await field(page).focus();
    await page.getByRole("button", { name: "Stop Esc" }).waitFor();
    const sent = await field(page).evaluate(async (element) => {
      const frames: string[] = [];
      // oxlint-disable-next-line typescript/unbound-method -- called with its socket below
      const { send } = WebSocket.prototype;
      WebSocket.prototype.send = function (data) {
        if (typeof data === "string") frames.push(data);
        send.call(this, data);
      };
      element.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true }));
      await Promise.resolve();
      return frames.join();
    });
    expect(sent).toContain("run-cancel");
    expect(await commandOf(server, "run-cancel")).toEqual({ runId: "r1" });
    await page.getByText("Stopped.").waitFor();
  });

  it("queues what is sent during a run; rows can be changed and taken back", async () => {
    const { page, server } = await harness.open({ scripts: [paused()] });
    const rows = page.getByRole("list", { name: "Queue" }).getByRole("listitem");
    await expect.poll(() => rows.count()).toBe(2);
    await field(page).fill("A third thing");
    await page.keyboard.press("Enter");
    await expect.poll(() => rows.count()).toBe(3);
    await rows
      .nth(1)
      .getByRole("button", { name: /^Take back/ })
      .click();
    await expect.poll(() => rows.count()).toBe(2);
    expect(await commandOf(server, "queue-update")).toEqual({ messageId: "m-r3", remove: true });
    await rows
      .nth(0)
      .getByRole("button", { name: /^What to do/ })
      .click();
    await page.getByRole("menuitem", { name: "Edit" }).click();
    await page.getByRole("textbox", { name: "Edit the queued message" }).fill("Leave it");
    await page.keyboard.press("Enter");
    await rows.nth(0).getByText("Leave it").waitFor();
  });

  it("says something to the run at once with Ctrl+Enter", async () => {
    const { page, server } = await harness.open({ scripts: [payments()] });
    await field(page).fill("Use the sandbox key.");
    await page.keyboard.press("Control+Enter");
    expect(await commandOf(server, "run-steer")).toEqual({ runId: "r1", text: "Use the sandbox key." });
    await expect.poll(() => field(page).inputValue()).toBe("");
  });

  it("keeps what is sent while the connection is lost, and sends it once when it is back", async () => {
    const { page, server } = await harness.open({ scripts: [finished()] });
    await field(page).waitFor();
    server.drop("no");
    await page.getByText("What you send is kept.").waitFor();
    await field(page).fill("Are you there?");
    await page.keyboard.press("Enter");
    await page.getByText("will be sent when the connection is back").waitFor();
    server.accept();
    await page.locator(".oq-you").getByText("Are you there?").waitFor({ timeout: 15_000 });
    expect(server.commands.filter((command) => command.type === "message-send")).toHaveLength(1);
    await page.getByText("What you send is kept.").waitFor({ state: "detached" });
  }, 40_000);

  it("says what to do when the launch link has expired", async () => {
    const { page, server } = await harness.open({ scripts: [finished()] });
    await field(page).waitFor();
    server.drop("refuse");
    await page.getByRole("heading", { name: "This page’s launch link has expired" }).waitFor();
    await page.getByText("orquestra open").waitFor();
    server.accept();
    await page.getByRole("button", { name: "Try again" }).click();
    await field(page).waitFor();
  });

  it("changes mode and model with the keyboard; what is unavailable says why and cannot be chosen", async () => {
    const { page, server } = await harness.open({ scripts: [finished()] });
    await page.getByRole("button", { name: "Mode: Workspace" }).focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    expect(await commandOf(server, "session-update")).toEqual({ mode: "plan" });
    await page.getByRole("button", { name: "Mode: Plan" }).waitFor();
    await page.getByRole("button", { name: /^Model:/ }).click();
    const unavailable = page.getByRole("option", { name: /openai\/gpt-5/ });
    expect(await unavailable.getAttribute("aria-disabled")).toBe("true");
    expect(await unavailable.innerText()).toContain("No key. Paste one to use it.");
    await unavailable.click({ force: true });
    await page.keyboard.press("Escape");
    expect(server.commands.filter((command) => command.type === "session-update")).toHaveLength(1);
    expect(await page.getByRole("button", { name: /^Model:/ }).evaluate((button) => button === document.activeElement)).toBe(
      true,
    );
  });

  it("asks whether a new folder is trusted before it asks for a model, and explains a refused key", async () => {
    const { page, server } = await harness.open({
      scripts: [empty("first-run", { workspace: "/home/ann/docs-site", model: "demo" })],
    });
    await page.getByRole("heading", { name: "Do you trust the text of files in this folder?" }).waitFor();
    expect(await page.getByRole("heading", { name: /model/i }).count()).toBe(0);
    await page.getByRole("button", { name: "I do not" }).click();
    expect(await commandOf(server, "workspace-trust")).toEqual({ workspace: "/home/ann/docs-site", trusted: false });
    await page.getByRole("button", { name: "Paste a key…" }).click();
    await page.getByLabel("Key").fill("sk-made-up-for-tests");
    await page.getByRole("button", { name: "Try and keep it" }).click();
    await page.getByRole("alert").getByText("The provider does not know this key").waitFor();
    expect(await commandOf(server, "model-connect")).toEqual({ provider: "anthropic", key: "sk-made-up-for-tests" });
  });
});

function field(page: Page) {
  return page.getByRole("textbox", { name: "Message", exact: true });
}
