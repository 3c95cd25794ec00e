import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CommandType } from "@orquestra/protocol";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { build } from "vite";
import { answers } from "./answers.ts";
import { launch } from "./chromium.ts";
import { type Script, scriptNow } from "./script.ts";
import { type Answer, ScriptedServer } from "./server.ts";

export interface Opened {
  readonly page: Page;
  readonly server: ScriptedServer;
  /** Errors the page threw or logged; connection failures that a test causes are not among them. */
  readonly errors: readonly string[];
}

interface Opening extends BrowserContextOptions {
  readonly scripts: readonly Script[];
  /** The session to open; default: that of the first script. */
  readonly sessionId?: string;
  readonly answers?: Readonly<Partial<Record<CommandType, Answer>>>;
}

/** The built page in a real browser. One for each file of tests; `close` ends everything it started. */
export class Harness {
  readonly #dist: string;
  readonly #browser: Browser;
  readonly #servers: ScriptedServer[] = [];

  private constructor(dist: string, browser: Browser) {
    this.#dist = dist;
    this.#browser = browser;
  }

  /** Builds the page as it is now, so that no test ever passes on an old one. */
  static async start(): Promise<Harness> {
    const dist = await mkdtemp(join(tmpdir(), "orquestra-web-"));
    await build({
      configFile: join(import.meta.dirname, "../../vite.config.ts"),
      logLevel: "error",
      build: { outDir: dist, emptyOutDir: true, sourcemap: false },
    });
    return new Harness(dist, await launch());
  }

  async serve(scripts: readonly Script[], own: Opening["answers"] = {}): Promise<ScriptedServer> {
    const server = await ScriptedServer.start(scripts, { ...answers, ...own }, this.#dist);
    this.#servers.push(server);
    return server;
  }

  async open({ scripts, sessionId, answers: own, ...context }: Opening): Promise<Opened> {
    const server = await this.serve(scripts, own);
    return this.visit(server, sessionId ?? scripts[0]?.sessionId ?? "", context);
  }

  /** A page of its own on a server that runs; time stands still in it, timers do not. */
  async visit(
    server: ScriptedServer,
    sessionId: string,
    options: BrowserContextOptions = {},
    prepare: (context: BrowserContext) => Promise<void> = () => Promise.resolve(),
  ): Promise<Opened> {
    const context = await this.#browser.newContext({
      viewport: { width: 400, height: 720 },
      reducedMotion: "reduce",
      ...options,
    });
    await prepare(context);
    const page = await context.newPage();
    page.setDefaultTimeout(8_000);
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" && !/WebSocket connection|ERR_CONNECTION|ERR_EMPTY|401|426/.test(message.text()))
        errors.push(message.text());
    });
    await page.clock.setFixedTime(scriptNow);
    await page.goto(`${server.url}/#/s/${sessionId}`);
    await settled(page);
    return { page, server, errors };
  }

  /** Closes every page, so that the next test starts alone. */
  async clear(): Promise<void> {
    await Promise.all(this.#browser.contexts().map((context) => context.close()));
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await Promise.all(this.#servers.map((server) => server.close()));
    await rm(this.#dist, { recursive: true });
  }
}

/** Waits until the session is shown, with its text set and its changes loaded, so that nothing moves any more by itself. */
export async function settled(page: Page): Promise<void> {
  await page.locator(".oq-composer, .oq-opening h1, .oq-refused").first().waitFor();
  await page.waitForFunction(() => document.querySelector(".oq-md-plain, .oq-ask button:disabled, [aria-busy=true]") === null);
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
}

/** Waits until a command of this type arrived, and gives its data. Throws when none comes. */
export async function commandOf(server: ScriptedServer, type: CommandType, from = 0): Promise<unknown> {
  for (let tries = 0; tries < 800; tries += 1) {
    const found = server.commands.slice(from).find((command) => command.type === type);
    if (found !== undefined) return found.data;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`the page sent no ${type}`);
}
