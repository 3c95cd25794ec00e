import { expect, it } from "vitest";
import { commandOf } from "./harness.ts";
import { inBrowser } from "./in-browser.ts";
import { cutOff, tooSmall } from "./look.ts";
import { interrupted } from "./scenarios.ts";

inBrowser("a todo whose end nobody saw", (harness) => {
  it("shows how its files are now, and what was started, in words", async () => {
    const { page, errors } = await harness.open({ scripts: [interrupted()] });
    const edit = page.locator(".oq-card", { has: page.locator("[data-todo='r1:t2']") });
    expect(await edit.getByRole("list", { name: "Its files now" }).innerText()).toContain("as it was meant to be");
    await edit.getByText("So it was probably done. Was it?").waitFor();
    const push = page.locator(".oq-card", { has: page.locator("[data-todo='r1:t3']") });
    expect(await push.locator(".oq-args").innerText()).toContain("4f1c2ab");
    const move = page.locator(".oq-card", { has: page.locator("[data-todo='r1:t4']") });
    const states = await move.getByRole("list", { name: "Its files now" }).locator("li span").allInnerTexts();
    expect(states).toEqual(["not there any more", "as it was meant to be", "as it was before", "neither as before nor as meant"]);
    expect(errors).toEqual([]);
  });

  it("tells what an earlier process reports of it, also when that comes while it is looked at", async () => {
    const script = interrupted();
    const { page, server } = await harness.open({ scripts: [script] });
    const push = page.locator(".oq-card", { has: page.locator("[data-todo='r1:t3']") });
    expect(await push.getByText("An earlier process reports:").innerText()).toContain("it completed");
    expect(await push.getByLabel("What it reports").innerText()).toContain("[new tag]");
    server.play(script.sessionId, (play) =>
      play.within("r1").event("todo-result-late", {
        todoId: "t4",
        attempt: 1,
        status: "failed",
        error: { code: "exists", message: "docs/releases/index.md exists already." },
      }),
    );
    const move = page.locator(".oq-card", { has: page.locator("[data-todo='r1:t4']") });
    await move.getByText("docs/releases/index.md exists already.").waitFor();
  });

  it.each([
    ["It was done", "done"],
    ["Run it again", "run_again"],
    ["Skip it", "skip"],
  ] as const)("goes on with %s", async (label, outcome) => {
    const { page, server } = await harness.open({ scripts: [interrupted()] });
    const push = page.locator(".oq-card", { has: page.locator("[data-todo='r1:t3']") });
    await push.getByRole("button", { name: label }).click();
    expect(await commandOf(server, "todo-resolve")).toEqual({ runId: "r1", todoId: "t3", outcome });
  });

  it("fits a narrow sidebar, with nothing cut off and nothing a finger would miss", async () => {
    const { page } = await harness.open({ scripts: [interrupted()], viewport: { width: 320, height: 1600 } });
    const heights = await page.locator(".oq-unknown-files span").evaluateAll((all) => all.map((one) => one.clientHeight));
    expect(Math.max(...heights)).toBeLessThan(24);
    expect(await cutOff(page)).toEqual([]);
    expect(await tooSmall(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  });
});
