import { type WireServer, startWireServer } from "@orquestra/core/testing";
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest";
import { question, say, screenshot, sessionOf } from "./page.ts";
import { planTokens } from "./plan.ts";
import { checkoutThere, unpackCheckout } from "./checkout.ts";
import { Product, browserThere, patience } from "./product.ts";
import { seqOf } from "./session-log.ts";
import { mostAtOnce, timeline } from "./timeline.ts";

// A byte order mark, both kinds of line ends and no newline at the end: what an undo has to bring back.
const bytes = Buffer.from("\uFEFFconst tries = 1;\r\n// TODO: try three times\nexport { tries };", "utf8");

describe.runIf(browserThere())("the whole product in Chromium", () => {
  let model: WireServer;
  let product: Product;
  let file: string;

  beforeAll(async () => {
    model = await startWireServer();
    product = await Product.start(model.url);
    mkdirSync(join(product.cli.project, "src"));
    file = join(product.cli.project, "src/retry.ts");
    writeFileSync(file, bytes);
    chmodSync(file, 0o640);
  }, patience.timeout);

  afterAll(async () => {
    await product.close();
    await model.close();
  });

  it(
    "reads while the plan is written, asks before it edits, shows the diff, answers, and undoes to the byte",
    patience,
    async () => {
      model.script([
        {
          text: planTokens(
            "I look at what is there.",
            '1. code_search("TODO", path: "src")',
            '2. file_read("src/retry.ts")\n3. file_read("notes.md")',
            '4. list_files(".")',
          ),
          tokensPerSecond: 1,
        },
        { text: planTokens("One line changes.", '1. file_edit("src/retry.ts", find: "tries = 1;", replace: "tries = 3;")') },
        { text: "It tries **three** times now.", tokensPerSecond: 20 },
      ]);
      const context = await product.newContext();
      const page = await context.newPage();
      onTestFailed(() => console.error(product.problems));
      await page.goto(product.launchUrl.href);
      await page.getByRole("button", { name: "I trust it" }).click();
      await page.getByRole("heading", { name: "Do you trust" }).waitFor({ state: "detached" });
      expect(await page.getByText("Which model should answer?").count()).toBe(0);
      await screenshot(page, "1-welcome");
      await say(page, "Try three times instead of once.");

      await page.getByText("code_search").first().waitFor();
      await screenshot(page, "2-reading-while-planning");
      const card = question(page);
      await card.waitFor();
      await page.getByText("const tries = 3;").first().waitFor();
      expect(readFileSync(file)).toEqual(bytes);
      await screenshot(page, "3-asking");
      await card.getByRole("button", { name: "Allow", exact: true }).click();

      await page.getByText("It tries three times now.").waitFor();
      expect(readFileSync(file, "utf8")).toBe(bytes.toString("utf8").replace("tries = 1;", "tries = 3;"));
      const undo = page.getByRole("button", { name: "Undo src/retry.ts", exact: true }).first();
      await undo.waitFor();
      await screenshot(page, "4-answered");
      await undo.click();
      await page.getByRole("button", { name: "Redo src/retry.ts", exact: true }).first().waitFor();
      await screenshot(page, "5-undone");
      expect(readFileSync(file)).toEqual(bytes);
      expect(statSync(file).mode & 0o777).toBe(0o640);

      const events = await product.eventsUntil(sessionOf(page), "checkpoint-restored");
      const at = (type: Parameters<typeof seqOf>[1], todoId: string): number => seqOf(events, type, todoId);
      expect(at("todo-started", "t1")).toBeLessThan(at("todo-added", "t2"));
      expect(Math.max(at("todo-started", "t2"), at("todo-started", "t3"))).toBeLessThan(
        Math.min(at("todo-completed", "t2"), at("todo-completed", "t3")),
      );
      model.assertComplete();
      expect(product.problems).toEqual([]);
      await context.close();
    },
  );

  it.runIf(checkoutThere())("searches and reads side by side in a repository nobody wrote for a test", patience, async () => {
    const checkout = unpackCheckout(join(product.cli.home, "checkout"));
    model.script([
      {
        text: planTokens(
          "I look at the errors and at how the house is built.",
          [
            String.raw`1. code_search("class [A-Z]\\w+Error extends", path: "packages", glob: "*.ts")`,
            '2. code_search("AsyncIterable", path: "packages")',
            '3. file_read("ARCHITECTURE.md")',
          ].join("\n"),
          "4. file_read($1.matches[0].path)",
          '5. list_files("packages/core/src")',
        ),
        tokensPerSecond: 1,
      },
      { text: "Errors are subclasses of one class with a code.", tokensPerSecond: 20 },
    ]);
    const sessionId = await product.withClient(async (client, server) => {
      await server.addWorkspace(checkout, true);
      const session = await client.command("session-create", { workspace: checkout });
      await client.command("message-send", { text: "How does this project make its errors?" }, session);
      return session.sessionId;
    });
    const events = await product.eventsUntil(sessionId, "run-completed");
    if (process.env["ORQUESTRA_SHOW"] === "1") process.stdout.write(`${timeline(events)}\n`);

    expect(events.filter(({ type }) => type === "todo-completed")).toHaveLength(5);
    expect(mostAtOnce(events)).toBeGreaterThanOrEqual(3);
    expect(seqOf(events, "todo-started", "t1")).toBeLessThan(seqOf(events, "todo-added", "t4"));
    expect(seqOf(events, "todo-completed", "t1")).toBeLessThan(seqOf(events, "todo-started", "t4"));
    expect(JSON.stringify(model.requests.at(-1)?.body)).toContain("OrquestraError");
    model.assertComplete();
  });
});
