import { type WireServer, startWireServer } from "@orquestra/core/testing";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { question, say, screenshot } from "./page.ts";
import { planTokens } from "./plan.ts";
import { Product, browserThere, patience } from "./product.ts";

const edit = { text: planTokens("One line changes.", '1. file_edit("notes.md", find: "water", replace: "feed")') };
const words = Array.from({ length: 60 }, (_, index) => `word${index} `);
const whole = words.join("").trim();

describe.runIf(browserThere())("a page that is interrupted", () => {
  let model: WireServer;
  let product: Product;
  let notes: string;

  beforeAll(async () => {
    model = await startWireServer();
    product = await Product.start(model.url);
    notes = join(product.cli.project, "notes.md");
  }, patience.timeout);

  beforeEach(() => writeFileSync(notes, "# Notes\nTODO: water the plants\n"));

  afterAll(async () => {
    await product.close();
    await model.close();
  });

  it("shows the whole answer when it is reloaded in the middle of it", patience, async () => {
    model.script([{ text: words, tokensPerSecond: 15 }]);
    const { context, page } = await product.signIn(await product.newSession());
    await say(page, "Count.");
    await page.getByText("word5 ").waitFor();
    await page.reload();
    await page.getByText("word0 ").waitFor();
    expect(await page.getByText("word59").count()).toBe(0);
    await page.getByText(whole, { exact: true }).waitFor();
    await context.close();
  });

  it("keeps what was written when the run is stopped", patience, async () => {
    model.script([{ text: [...words.slice(0, 8), "…"], tokensPerSecond: 20, hangAfterTokens: 8 }]);
    const { context, page } = await product.signIn(await product.newSession());
    await say(page, "Count.");
    await page.getByText("word7").waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("Stopped.").waitFor();
    await page.reload();
    await page.getByText("Stopped.").waitFor();
    expect(await page.getByText(words.slice(0, 8).join("").trim(), { exact: true }).count()).toBe(1);
    expect(await model.requests.at(-1)?.outcome).toBe("closed");
    await context.close();
  });

  it("tells two browsers of one session what one of them answered", patience, async () => {
    model.script([edit, { text: "It is done." }]);
    const sessionId = await product.newSession();
    const [one, other] = await Promise.all([product.signIn(sessionId), product.signIn(sessionId)]);
    await say(one.page, "Feed the plants.");
    await question(other.page).waitFor();
    await question(one.page).getByRole("button", { name: "Allow", exact: true }).click();
    for (const { page } of [one, other]) {
      await page.getByText("It is done.").waitFor();
      await page.getByText("You allowed it").waitFor();
      expect(await question(page).count()).toBe(0);
    }
    expect(readFileSync(notes, "utf8")).toContain("feed");
    await one.context.close();
    await other.context.close();
  });

  it("brings the reason of a refusal to the model", patience, async () => {
    model.script([edit, { text: "Then I leave it." }]);
    const { context, page } = await product.signIn(await product.newSession());
    await say(page, "Feed the plants.");
    await question(page).getByRole("button", { name: "Say why not" }).click();
    await page.getByLabel("Why not?").fill("Plants are not pets.");
    await page.getByRole("button", { name: "Do not allow" }).click();
    await page.getByText("Then I leave it.").waitFor();
    expect(JSON.stringify(model.requests.at(-1)?.body)).toContain("Plants are not pets.");
    expect(readFileSync(notes, "utf8")).toContain("water");
    await context.close();
  });

  it("says what a person can do when the model's server refuses the key", patience, async () => {
    model.script([{ status: 401, error: { message: "Incorrect API key provided" } }]);
    const { context, page } = await product.signIn(await product.newSession());
    await say(page, "Are you there?");
    const failed = page.getByRole("group", { name: "The run failed" });
    await failed.waitFor();
    await screenshot(page, "model-401");
    expect(await failed.innerText()).toMatch(/The key for openai was refused \(401\)[\s\S]*Paste a new one/);
    expect(await failed.innerText()).not.toContain("made-up-key");
    await context.close();
  });

  it("opens with the link of a second start on the same folder, which leaves the server as it is", patience, async () => {
    const second = await product.cli.call(["--port", product.launchUrl.port]);
    expect(second).toMatchObject({ code: 0, stderr: "" });
    const link = new URL(second.stdout.replace("Orquestra is at ", "").trim());
    expect(link.origin).toBe(product.launchUrl.origin);
    const context = await product.newContext();
    const page = await context.newPage();
    await page.goto(link.href);
    await page.getByRole("textbox", { name: "Message", exact: true }).waitFor();
    await context.close();
  });

  it("comes back by itself after the server was killed, and its question can still be answered", patience, async () => {
    model.script([edit, { text: "It is done." }]);
    const { context, page } = await product.signIn(await product.newSession());
    await say(page, "Feed the plants.");
    await question(page).waitFor();
    await product.kill();
    const back = product.serve();
    await page.getByText("Connection lost.").waitFor();
    await screenshot(page, "server-killed");
    await back;
    await page.getByText("Connection lost.").waitFor({ state: "detached" });
    expect(readFileSync(notes, "utf8")).toContain("water");
    await question(page).getByRole("button", { name: "Allow", exact: true }).click();
    await page.getByText("It is done.").waitFor();
    expect(readFileSync(notes, "utf8")).toContain("feed");
    await context.close();
  });

  it("is not let in with a link that was never made", patience, async () => {
    const context = await product.newContext();
    const page = await context.newPage();
    await page.goto(new URL("/launch?token=never-made", product.launchUrl).href);
    await page.getByText("This link was used already or is too old. Run `orquestra open`.").waitFor();
    await page.goto(product.launchUrl.origin);
    await page.getByText("You are not signed in here.").waitFor();
    await context.close();
  });
});
