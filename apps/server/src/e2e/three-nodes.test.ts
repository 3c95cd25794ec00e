import { openPostgresStore } from "@orquestra/core";
import { type WireServer, startPostgresServer, startRedisServer, startWireServer } from "@orquestra/core/testing";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch } from "../../../web/src/browser/chromium.ts";
import { CliHarness, type RunningCli } from "../cli-harness.ts";
import { withClient } from "../connect.ts";
import { talkTo } from "../running-server.ts";
import { type Balancer, startBalancer } from "./balancer.ts";
import { ensureBuiltPage } from "./built-page.ts";
import { say, screenshot, sessionOf } from "./page.ts";
import { planTokens } from "./plan.ts";
import { browserThere } from "./product.ts";
import { eventsUntil } from "./session-log.ts";

const patience = { timeout: 180_000 };
const token = "made-up-token-for-three-nodes-0123456789";
const database = await startPostgresServer();
const redis = await startRedisServer();
const present = database !== null && redis !== null && browserThere();
if (!present) console.warn("SKIPPED: three nodes before a browser. PostgreSQL, Redis and Chromium are needed.");

interface Node {
  readonly name: string;
  readonly port: number;
  readonly cli: RunningCli;
  readonly id: string;
}

const words = Array.from({ length: 40 }, (_, index) => `word${index} `);
const whole = words.join("").trim();
const look = planTokens("I look first.", '1. code_search("TODO")');

it.runIf(process.env["CI"] === "true")("runs against PostgreSQL, Redis and Chromium in CI", () => {
  expect(present).toBe(true);
});

describe.runIf(present)("three nodes behind one address", () => {
  const cli = new CliHarness();
  let model: WireServer;
  let browser: Browser;
  let balancer: Balancer;

  beforeAll(async () => {
    [model, browser, balancer] = await Promise.all([startWireServer(), launch(), startBalancer()]);
    await ensureBuiltPage();
  }, patience.timeout);

  afterAll(async () => {
    await browser?.close();
    await balancer?.close();
    await cli.remove();
    await model?.close();
    await redis?.stop();
    await database?.stop();
  });

  async function startNode(name: string): Promise<Node> {
    const env = {
      DATABASE_URL: database?.url ?? "",
      REDIS_URL: redis?.url ?? "",
      ORQUESTRA_TOKEN: token,
      ORQUESTRA_ALLOWED_HOSTS: new URL(balancer.origin).host,
      ORQUESTRA_ALLOWED_ORIGINS: balancer.origin,
      OPENAI_API_KEY: "made-up-key",
      OPENAI_BASE_URL: model.url,
    };
    const args = ["--data-dir", join(cli.home, name), "--model", "openai/gpt-5-mini", "--trust"];
    const { cli: running, launchUrl } = await cli.serve(args, { env });
    return { name, port: Number(launchUrl.port), cli: running, id: await idOf(launchUrl.origin) };
  }

  async function startNodes(): Promise<readonly Node[]> {
    const nodes = await Promise.all(["one", "two", "three"].map((name) => startNode(name)));
    balancer.ports = nodes.map(({ port }) => port);
    return nodes;
  }

  async function open(): Promise<{ readonly page: Page; readonly problems: readonly string[]; close(): Promise<void> }> {
    const problems: string[] = [];
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" });
    context.on("weberror", (error) => problems.push(error.error().message));
    const page = await context.newPage();
    const link = new URL(await talkTo(balancer.origin, token).launchUrl());
    await page.goto(`${balancer.origin}${link.pathname}${link.search}`);
    await page.waitForURL(/#\/s\/./);
    const server = { server: talkTo(balancer.origin, token), token };
    const { sessionId } = await withClient(server, (client) => client.command("session-create", { workspace: cli.project }));
    await page.goto(`${balancer.origin}/#/s/${sessionId}`);
    await page.evaluate("globalThis.notReloaded = true");
    return { page, problems, close: () => context.close() };
  }

  /** The node that has the session's run. */
  async function ownerOf(sessionId: string, nodes: readonly Node[]): Promise<Node> {
    const store = await openPostgresStore({ url: database?.url ?? "" });
    const [run] = await store.runs.active(sessionId);
    await store.close();
    const node = nodes.find(({ id }) => id === run?.owner);
    if (node === undefined) throw new Error(`nobody has ${sessionId}`);
    return node;
  }

  it.each(["watches by way of another node", "watches by way of that node"])(
    "finish a run whose node is killed while a browser %s, and the page is never reloaded",
    patience,
    async (how) => {
      model.script([{ text: look }, { text: words, tokensPerSecond: 8 }, { text: words }]);
      const nodes = await startNodes();
      const watcher = await open();
      const { page } = watcher;
      await say(page, "What is to be done?");
      await page.getByText("word3 ").waitFor();
      const sessionId = sessionOf(page);
      const owner = await ownerOf(sessionId, nodes);
      const others = nodes.filter((node) => node !== owner).map(({ port }) => port);
      balancer.ports = how.includes("another") ? others : [owner.port, ...others];
      balancer.cut();
      await page.getByText("word12 ").waitFor();
      await owner.cli.stop("SIGKILL");
      await screenshot(page, `node-killed-${how.split(" ").at(-2) ?? ""}`);
      balancer.ports = others;
      await page.getByText(whole, { exact: true }).waitFor({ timeout: 60_000 });
      expect(await page.evaluate("globalThis.notReloaded")).toBe(true);
      const events = await eventsUntil({ origin: balancer.origin, token, sessionId }, (event) => event.type === "run-completed");
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
      expect(events.filter(({ type }) => type === "todo-completed")).toHaveLength(1);
      expect(watcher.problems).toEqual([]);
      await watcher.close();
      for (const node of nodes) if (node !== owner) await node.cli.stop();
    },
  );
});

/** What a node calls itself. */
function idOf(origin: string): Promise<string> {
  return withClient({ server: talkTo(origin, token), token }, async ({ connection }) => {
    const state = connection.get();
    if (state.status !== "online") throw new Error(`${origin} is ${state.status}`);
    return state.nodeId;
  });
}
