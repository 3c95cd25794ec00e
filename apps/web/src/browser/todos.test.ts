import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { commandOf } from "./harness.ts";
import { inBrowser } from "./in-browser.ts";
import { costly, finished, planned, struggling } from "./scenarios.ts";
import { Refusal } from "./server.ts";

inBrowser("a todo", (harness) => {
  it("that waits for an answer can be edited, and the new card answered", async () => {
    const { page, server, errors } = await harness.open({ scripts: [planned()] });
    await choose(page, ".oq-ask", "Tell the gateway", "Edit…");
    await page.getByLabel("url").fill("https://gateway.example/api/v2");
    await page.getByLabel("body").fill("Look at {{result of 1 › matches › 0 › path}}");
    await page.getByLabel("attempts").fill("5");
    await page.getByLabel("follow").uncheck();
    await page.getByRole("button", { name: "Save" }).click();
    const file = { $ref: "t1#/matches/0/path" };
    expect(await commandOf(server, "todo-edit")).toEqual({
      runId: "r1",
      todoId: "t4",
      args: {
        url: "https://gateway.example/api/v2",
        file,
        body: { $concat: ["Look at ", file] },
        attempts: 5,
        follow: false,
        headers: { accept: "application/json" },
      },
    });
    await page.getByText("Closed: what it asked for was changed.").waitFor();
    await page.locator(".oq-ask footer button:enabled", { hasText: "Allow both" }).click();
    expect(await commandOf(server, "approval-respond")).toEqual({ approvalId: "ap1-anew", decision: "allow_once" });
    expect(errors).toEqual([]);
  });

  it("shows in its card which of its arguments a person wrote", async () => {
    const { page } = await harness.open({ scripts: [planned()] });
    await choose(page, ".oq-plan", "Link the new page", "Edit…");
    await page.getByLabel("new", { exact: true }).fill("- Payments\n- Retries, new");
    await page.keyboard.press("Control+Enter");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.locator(".oq-card summary", { hasText: "docs/index.md" }).click();
    const row = page.locator(".oq-args > div", { hasText: "Retries, new" });
    await row.getByText("written by you").waitFor();
  });

  it("says at the field what is wrong with it, and sends nothing", async () => {
    const { page, server } = await harness.open({ scripts: [planned()] });
    await choose(page, ".oq-plan", "Tell the gateway", "Edit…");
    await page.getByLabel("attempts").fill("many");
    await page.getByLabel("headers").fill("{");
    await page.getByRole("button", { name: "Save" }).click();
    const attempts = page.getByLabel("attempts", { exact: true });
    expect(await attempts.evaluate((field) => field === document.activeElement)).toBe(true);
    expect(await attempts.getAttribute("aria-invalid")).toBe("true");
    await page.getByText("This must be a number.").waitFor();
    await page.getByText(/This is not JSON/).waitFor();
    expect(server.commands.some(({ type }) => type === "todo-edit")).toBe(false);
  });

  it("says at the field what the server finds wrong with it", async () => {
    const message = "http_request(url, method): url: it must be an address.";
    const answers = { "todo-edit": () => new Refusal("bad_request", message) };
    const { page } = await harness.open({ scripts: [planned()], answers });
    await choose(page, ".oq-plan", "Tell the gateway", "Edit…");
    await page.getByLabel("url").fill("nowhere");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("It must be an address.").waitFor();
    expect(await page.getByLabel("url", { exact: true }).getAttribute("aria-invalid")).toBe("true");
  });

  it("keeps the result of another one until it is replaced, and can have it back", async () => {
    const { page, server } = await harness.open({ scripts: [planned()] });
    await choose(page, ".oq-plan", "Tell the gateway", "Edit…");
    await page.getByText("result of 1 › matches › 0 › path", { exact: true }).waitFor();
    await page.getByRole("button", { name: "replace file" }).click();
    await page.keyboard.type('["a.ts"]');
    await page.getByRole("combobox", { name: "How file is written" }).selectOption("json");
    await page.getByRole("button", { name: "as it was: file" }).click();
    await page.getByRole("button", { name: "replace file" }).press("Enter");
    await page.keyboard.type('["b.ts"]');
    await page.getByRole("combobox", { name: "How file is written" }).selectOption("json");
    await page.getByRole("button", { name: "Save" }).click();
    expect(await commandOf(server, "todo-edit")).toMatchObject({ args: { file: ["b.ts"] } });
  });

  it("that starts while it is edited cannot be saved, and the form says why", async () => {
    const { page, server } = await harness.open({ scripts: [planned()] });
    await choose(page, ".oq-plan", "Tell the gateway", "Edit…");
    server.play("planned", (script) => script.event("todo-started", { todoId: "t4", attempt: 1 }));
    await page.getByText("It has started meanwhile.").waitFor();
    expect(await page.getByRole("button", { name: "Save" }).isDisabled()).toBe(true);
  });

  it("can be skipped, from the plan and from the card that asks for it", async () => {
    const { page, server } = await harness.open({ scripts: [planned()] });
    await choose(page, ".oq-plan", "Link the new page", "Skip");
    expect(await commandOf(server, "todo-skip")).toEqual({ runId: "r1", todoId: "t5" });
    await page.locator(".oq-plan").getByText("skipped").waitFor();
    await choose(page, ".oq-ask", "Tell the gateway", "Skip");
    await page.getByRole("button", { name: "Allow", exact: true }).waitFor();
    expect(await page.locator(".oq-ask-todo").count()).toBe(1);
  });

  it("that runs can be stopped while the run goes on", async () => {
    const { page, server } = await harness.open({ scripts: [planned()] });
    await page.locator(".oq-card").getByRole("button", { name: "Stop “Run the tests of the whole shop”" }).click();
    expect(await commandOf(server, "todo-cancel")).toEqual({ runId: "r1", todoId: "t2" });
    await page.locator(".oq-plan").getByText("stopped").waitFor();
    await page.getByRole("button", { name: /^Stop Esc$|^Stop$/ }).waitFor();
  });

  it("that failed can be tried again, as it was or edited first", async () => {
    const { page, server } = await harness.open({ scripts: [struggling()] });
    const card = page.locator(".oq-card[data-status=failed]");
    await card.getByRole("button", { name: "Edit and try again…" }).click();
    await page.getByLabel("seconds").fill("30");
    await page.getByRole("dialog").getByRole("button", { name: "Try again" }).click();
    const args = { url: "https://payments.example/health", seconds: 30 };
    expect(await commandOf(server, "todo-retry")).toEqual({ runId: "r1", todoId: "t2", args });
    await choose(page, ".oq-plan", "Restart the worker", "Try again");
    await expect.poll(() => server.commands.at(-1)?.data).toEqual({ runId: "r1", todoId: "t5" });
  });

  it("says in words why something could not be done to it", async () => {
    const answers = { "todo-cancel": () => new Refusal("conflict", "It is not running.") };
    const { page } = await harness.open({ scripts: [struggling()], answers });
    for (const place of [".oq-plan", ".oq-card"]) {
      await page.locator(place).getByRole("button", { name: "Stop “Run the smoke tests”" }).click();
      await page.locator(place).getByRole("alert").getByText("It is not running.").waitFor();
    }
  });

  it("that is silent says so calmly, with its stop in sight, until it speaks again", async () => {
    const { page, server } = await harness.open({ scripts: [struggling()] });
    const line = page.locator(".oq-plan li", { hasText: "Run the smoke tests" });
    await line.getByText("silent for 20 s").waitFor();
    await line.getByRole("img", { name: "running, silent for 20 s" }).waitFor();
    const stop = line.getByRole("button", { name: /^Stop/ });
    const shown = (): Promise<string> => stop.evaluate((button) => getComputedStyle(button.parentElement ?? button).opacity);
    expect(await shown()).toBe("1");
    server.play("struggling", (script) => script.event("todo-silent", { todoId: "t1", seconds: 0 }));
    await line.getByText("silent").waitFor({ state: "detached" });
    expect(await shown()).toBe("0");
    await line.hover();
    expect(await shown()).toBe("1");
  });

  it("that is tried again says when, and what went wrong", async () => {
    const { page } = await harness.open({ scripts: [struggling()] });
    const line = page.locator(".oq-plan li", { hasText: "Ask the order service" });
    await line.getByText("again in 2 s").waitFor();
    await line
      .getByRole("button", { name: /^Ask|order service/ })
      .first()
      .click();
    await page.getByText("orders.example answered 503: no worker is free.").waitFor();
    await page.getByText("The 2nd try comes by itself.").waitFor();
  });

  it("can be edited, skipped and stopped with the keyboard alone", async () => {
    const { page, server } = await harness.open({ scripts: [planned()] });
    const { keyboard } = page;
    await page.getByRole("button", { name: /^Plan/ }).focus();
    await tabTo(page, "What to do with “Write docs/retries.md”");
    await keyboard.press("Enter");
    await keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Edit a todo" }).waitFor();
    await keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await focused(page)).toBe("What to do with “Write docs/retries.md”");
    expect(server.commands.some(({ type }) => type === "run-cancel")).toBe(false);
    await keyboard.press("Enter");
    await keyboard.press("Enter");
    await page.getByLabel("path").fill("docs/again.md");
    await keyboard.press("Control+Enter");
    expect(await commandOf(server, "todo-edit")).toMatchObject({ todoId: "t3", args: { path: "docs/again.md" } });
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await tabTo(page, "What to do with “Link the new page from the table of contents”");
    await keyboard.press("Enter");
    await keyboard.press("ArrowDown");
    await keyboard.press("Enter");
    expect(await commandOf(server, "todo-skip")).toEqual({ runId: "r1", todoId: "t5" });
    await tabTo(page, "Stop “Run the tests of the whole shop”");
    await keyboard.press("Enter");
    expect(await commandOf(server, "todo-cancel")).toEqual({ runId: "r1", todoId: "t2" });
  });

  it("has the focus on its new question when it was edited from the old one", async () => {
    const { page } = await harness.open({ scripts: [planned()] });
    await choose(page, ".oq-ask", "Write docs/retries.md", "Edit…");
    await page.getByLabel("path").fill("docs/again.md");
    await page.keyboard.press("Control+Enter");
    const question = page.locator("[data-approval=ap1-anew] [data-todo='r1:t3']");
    await question.waitFor();
    await expect.poll(() => question.evaluate((item) => item === document.activeElement)).toBe(true);
  });

  it("shows what is in its card when the plan points at it", async () => {
    const { page } = await harness.open({ scripts: [planned()] });
    await page
      .locator(".oq-plan")
      .getByRole("button", { name: /Link the new page/ })
      .first()
      .click();
    await page.locator("[data-todo='r1:t5'] .oq-args").getByText("- Retries").waitFor();
  });

  it("can do nothing any more when its run has ended", async () => {
    const { page } = await harness.open({ scripts: [finished()] });
    expect(await page.locator(".oq-todo-menu").count()).toBe(0);
  });
});

inBrowser("the cost", (harness) => {
  it("stands in the usage where it is known, as the least where a part is not, and not at all where none is", async () => {
    const server = await harness.serve([finished(), costly(), planned()]);
    const usage = async (session: string): Promise<string> => {
      const { page } = await harness.visit(server, session);
      await page.getByRole("button", { name: /^Context/ }).click();
      return page.locator(".oq-usage").innerText();
    };
    expect(await usage("finished")).toContain("$0.031");
    expect(await usage("costly")).toContain("at least $0.012");
    expect(await usage("planned")).not.toContain("Cost");
  });
});

/** Opens the menu of a todo in this part of the page, and takes what it offers. */
async function choose(page: Page, place: string, title: string, item: string): Promise<void> {
  const menu = page.locator(place).getByRole("button", { name: new RegExp(`^What to do with “${title}`) });
  await menu.hover();
  await menu.click();
  await page.getByRole("menuitem", { name: item, exact: true }).click();
}

function focused(page: Page): Promise<string | null> {
  return page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? null);
}

/** Goes on by Tab until it comes to the button; round once, as a person would. */
async function tabTo(page: Page, label: string): Promise<void> {
  for (let press = 0; press < 60 && (await focused(page)) !== label; press += 1) await page.keyboard.press("Tab");
  expect(await focused(page)).toBe(label);
}
