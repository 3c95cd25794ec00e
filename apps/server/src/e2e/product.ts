import type { OrquestraClient } from "@orquestra/client";
import type { OrquestraEvent } from "@orquestra/protocol";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { launch } from "../../../web/src/browser/chromium.ts";
import { CliHarness, type RunningCli } from "../cli-harness.ts";
import { withClient } from "../connect.ts";
import { type RunningServer, talkTo } from "../running-server.ts";
import { ensureBuiltPage } from "./built-page.ts";
import { eventsUntil } from "./session-log.ts";

export { browserThere } from "../../../web/src/browser/chromium.ts";

/** A server from source, a browser and a database take their time where the cores are busy. */
export const patience = { timeout: 90_000 };

interface Parts {
  readonly cli: CliHarness;
  readonly modelUrl: string;
  readonly browser: Browser;
}

/** The whole of it: the command line as a process of its own, the built page in Chromium, a model behind the wire of OpenAI. */
export class Product {
  readonly cli: CliHarness;
  /** Errors of pages, and requests of theirs that were refused. */
  readonly problems: string[] = [];
  readonly #parts: Parts;
  #server: RunningCli | null = null;
  #launchUrl = new URL("http://127.0.0.1:0");

  private constructor(parts: Parts) {
    this.cli = parts.cli;
    this.#parts = parts;
  }

  static async start(modelUrl: string): Promise<Product> {
    const [browser] = await Promise.all([launch(), ensureBuiltPage()]);
    const product = new Product({ cli: new CliHarness(), modelUrl, browser });
    await product.serve();
    return product;
  }

  /** The link that the command line printed. */
  get launchUrl(): URL {
    return this.#launchUrl;
  }

  get token(): string {
    return readFileSync(join(this.cli.dataFolder, "token"), "utf8").trim();
  }

  /** Starts a server on the project, after the first time on the port it had. */
  async serve(): Promise<void> {
    const { port } = this.#launchUrl;
    const env = { OPENAI_API_KEY: "made-up-key", OPENAI_BASE_URL: this.#parts.modelUrl };
    const { cli, launchUrl } = await this.cli.serve(["--port", port, "--model", "openai/gpt-5-mini"], { env });
    this.#server = cli;
    this.#launchUrl = launchUrl;
  }

  /** Ends the server without a chance to tidy up. */
  async kill(): Promise<void> {
    await this.#server?.stop("SIGKILL");
  }

  /** A page of a fresh profile that followed a fresh launch link; `sessionId` null: where the page goes by itself. */
  async signIn(sessionId: string | null = null): Promise<{ readonly context: BrowserContext; readonly page: Page }> {
    const { origin } = this.#launchUrl;
    const context = await this.newContext();
    const page = await context.newPage();
    await page.goto(await talkTo(origin, this.token).launchUrl());
    await page.waitForURL(/#\/s\/./);
    if (sessionId !== null) await page.goto(`${origin}/#/s/${sessionId}`);
    return { context, page };
  }

  /** A fresh profile. What goes wrong in its pages is kept in `problems`. */
  async newContext(): Promise<BrowserContext> {
    const context = await this.#parts.browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" });
    context.on("weberror", (error) => this.problems.push(error.error().message));
    context.on("response", (response) => {
      if (response.status() >= 400) this.problems.push(`${response.status()} ${response.url()}`);
    });
    return context;
  }

  /** A session that no page has opened yet, in the trusted project. */
  async newSession(): Promise<string> {
    const { project: workspace } = this.cli;
    return await this.withClient(async (client) => {
      await client.command("workspace-trust", { workspace, trusted: true });
      return (await client.command("session-create", { workspace })).sessionId;
    });
  }

  /** Does something as the owner, without a page. */
  withClient<T>(use: (client: OrquestraClient, server: RunningServer) => Promise<T>): Promise<T> {
    const server = talkTo(this.#launchUrl.origin, this.token);
    return withClient({ server, token: this.token }, (client) => use(client, server));
  }

  /** The log of a session from its first event on, up to the first event of this type. */
  eventsUntil(sessionId: string, type: OrquestraEvent["type"]): Promise<readonly OrquestraEvent[]> {
    const { origin } = this.#launchUrl;
    return eventsUntil({ origin, token: this.token, sessionId }, (event) => event.type === type);
  }

  async close(): Promise<void> {
    await this.#parts.browser.close();
    await this.cli.remove();
  }
}
