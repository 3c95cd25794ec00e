import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { commandOf } from "./harness.ts";
import { inBrowser } from "./in-browser.ts";
import { finished, harmless, long, paused, payments, trouble } from "./scenarios.ts";
import type { ScriptedServer } from "./server.ts";

inBrowser("approvals", (harness) => {
  it("can be answered with the keyboard alone", async () => {
    const { page, server } = await harness.open({ scripts: [payments()] });
    const allow = page.getByRole("button", { name: "Allow both" });
    await armed(page);
    await page.getByRole("log").focus();
    for (let press = 0; press < 40 && !(await allow.evaluate((button) => button === document.activeElement)); press += 1) {
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
    expect(await commandOf(server, "approval-respond")).toEqual({ approvalId: "ap1", decision: "allow_once" });
    await page.getByText("You allowed both.").waitFor();
  });

  it("never have the focus on Allow, and take no answer in the moment they appear", async () => {
    const script = long();
    const { page, server } = await harness.open({ scripts: [script] });
    const composer = page.getByRole("textbox", { name: "Message", exact: true });
    await composer.focus();
    const wasDisabled = page.evaluate(
      () =>
        new Promise<boolean>((resolve) => {
          const seen = (): void => {
            const allow = [...document.querySelectorAll("button")].find((button) => button.textContent === "Allow");
            if (allow !== undefined) resolve(allow.disabled);
          };
          new MutationObserver(seen).observe(document.body, { childList: true, subtree: true });
        }),
    );
    askIn(server, script.sessionId);
    expect(await wasDisabled).toBe(true);
    await armed(page);
    expect(await composer.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  it("are not answered by Enter in the composer", async () => {
    const { page, server } = await harness.open({ scripts: [payments()] });
    await armed(page);
    const composer = page.getByRole("textbox", { name: "Message", exact: true });
    await composer.press("Enter");
    await composer.fill("go on");
    await composer.press("Enter");
    expect(await commandOf(server, "message-send")).toEqual({ text: "go on" });
    expect(server.commands.filter((command) => command.type === "approval-respond")).toEqual([]);
  });

  it("are bright only when everything can be undone and nothing came from outside", async () => {
    const server = await harness.serve([payments(), harmless()]);
    const look = async (session: string, name: string): Promise<string | null> => {
      const { page } = await harness.visit(server, session);
      return page.getByRole("button", { name }).getAttribute("data-look");
    };
    expect(await look("harmless", "Allow")).toBe("bright");
    expect(await look("payments", "Allow both")).toBe("plain");
  });

  it("allow only what was ticked, and name every todo in the answer", async () => {
    const { page, server } = await harness.open({ scripts: [payments()] });
    await armed(page);
    await page.getByRole("button", { name: "Only some" }).click();
    await page.getByRole("checkbox", { name: "changes" }).check();
    await page.getByRole("button", { name: "Allow 1 of 2" }).click();
    expect(await commandOf(server, "approval-respond")).toEqual({
      approvalId: "ap1",
      decision: "reject_once",
      decisions: { t5: "allow_once", t6: "reject_once" },
    });
    await page.getByText("You allowed 1 of 2.").waitFor();
  });

  it("send the reason of a refusal", async () => {
    const { page, server } = await harness.open({ scripts: [payments()] });
    await armed(page);
    await page.getByRole("button", { name: "Say why not" }).click();
    await page.keyboard.type("Not against the sandbox, please.");
    await page.getByRole("button", { name: "Do not allow" }).click();
    expect(await commandOf(server, "approval-respond")).toEqual({
      approvalId: "ap1",
      decision: "reject_once",
      reason: "Not against the sandbox, please.",
    });
    await page.getByText("Not against the sandbox").waitFor();
  });

  it("show a rule that forbids before it is kept, too", async () => {
    const { page, server } = await harness.open({ scripts: [payments()] });
    await armed(page);
    await page.getByRole("button", { name: "Say why not" }).click();
    const rule = page.getByText("Never allow file_edit in this workspace");
    expect(await rule.count()).toBe(0);
    await page.getByLabel("Never, from now on").check();
    await rule.waitFor();
    await page.getByRole("button", { name: "Do not allow" }).click();
    expect(await commandOf(server, "approval-respond")).toEqual({ approvalId: "ap1", decision: "reject_always" });
  });

  it("show the rule before it is kept, and keep none for what came from outside", async () => {
    const { page, server } = await harness.open({ scripts: [payments()] });
    await armed(page);
    await page.getByRole("button", { name: "Always…" }).click();
    await page.getByText("file_edit in /home/ann/shop-api, path src/payments/client.ts").waitFor();
    await page.getByRole("button", { name: "Always allow" }).click();
    expect(await commandOf(server, "approval-respond")).toEqual({
      approvalId: "ap1",
      decision: "allow_always",
      scope: "always",
      decisions: { t5: "allow_always", t6: "allow_once" },
    });
  });

  it("are pinned above the composer exactly while they are out of sight, and counted in the title", async () => {
    const { page } = await harness.open({ scripts: [payments()] });
    await armed(page);
    const pinned = page.locator(".oq-pinned");
    expect(await pinned.count()).toBe(0);
    expect(await page.title()).toBe("(1) Retry the failing payments · Orquestra");
    await page.getByRole("log").evaluate((log) => (log.scrollTop = 0));
    await pinned.getByText("May I change src/payments/client.ts, and 1 more?").waitFor();
    await pinned.getByRole("button", { name: "Show" }).click();
    await pinned.waitFor({ state: "detached" });
    expect(await page.locator("[data-approval=ap1]").evaluate((card) => card === document.activeElement)).toBe(true);
  });

  it("follow an answer that was given in another window", async () => {
    const server = await harness.serve([payments()]);
    const one = await harness.visit(server, "payments");
    const two = await harness.visit(server, "payments");
    await armed(one.page);
    await armed(two.page);
    await one.page.getByRole("button", { name: "Allow both" }).click();
    await two.page.getByText("You allowed both.").waitFor();
    expect(await two.page.getByRole("button", { name: "Allow both" }).count()).toBe(0);
    await expect.poll(() => two.page.title()).toBe("Retry the failing payments · Orquestra");
  });

  it("end pauses too", async () => {
    const { page, server } = await harness.open({ scripts: [paused()] });
    await page.getByText("This run has used $0.50").waitFor();
    await page.getByRole("button", { name: "Go on" }).click();
    expect(await commandOf(server, "approval-respond")).toEqual({ approvalId: "ap1", decision: "allow_once" });
  });

  it("ask about a todo nobody knows the end of", async () => {
    const { page, server } = await harness.open({ scripts: [trouble()] });
    await page.getByRole("button", { name: "It was done" }).click();
    expect(await commandOf(server, "todo-resolve")).toEqual({ runId: "r1", todoId: "t4", outcome: "done" });
  });

  it("tell screen readers once, and never read out text as it streams", async () => {
    const script = finished();
    const { page, server } = await harness.open({ scripts: [script] });
    await page.getByRole("textbox", { name: "Message", exact: true }).waitFor();
    await page.evaluate(() => {
      const said: string[] = [];
      for (const region of document.querySelectorAll("[role=alert],[role=status]")) {
        new MutationObserver(() => said.push(region.textContent ?? "")).observe(region, {
          childList: true,
          characterData: true,
          subtree: true,
        });
      }
      Object.assign(globalThis, { said });
    });
    server.play(script.sessionId, (play) => play.ask("r2", "Again").turn(1));
    for (let index = 0; index < 30; index += 1)
      server.play(
        script.sessionId,
        (play) =>
          void (index === 0
            ? play.openPart("p9", 1, "word ")
            : play.deltas.push({
                v: 1,
                type: "delta",
                sessionId: play.sessionId,
                partId: "p9",
                offset: 5 * index,
                text: "word ",
              })),
      );
    server.play(script.sessionId, (play) => play.todo({ id: "t1", tool: "file_read", title: "Read a.ts" }).ran("t1", 5));
    askIn(server, script.sessionId);
    await armed(page);
    const said = await page.evaluate<string[]>("said");
    expect(said).toContain("1 of 1 done. Read a.ts: done");
    expect(said.filter((text) => text.startsWith("May I"))).toHaveLength(1);
    expect(said.length).toBeLessThanOrEqual(3);
  });
});

/** A card has appeared and its buttons can be used. */
async function armed(page: Page): Promise<void> {
  await page.locator(".oq-ask footer button:enabled").first().waitFor();
}

function askIn(server: ScriptedServer, sessionId: string): void {
  const [approval] = harmless().events.filter((event) => event.type === "approval-requested");
  if (approval === undefined) throw new Error("the script asks nothing");
  server.play(sessionId, (script) => {
    if (script.events.at(-1)?.type === "run-cancelled") script.ask("asking", "Write a page.").turn(1);
    script.event("approval-requested", { ...approval.data, approvalId: "late" });
  });
}
