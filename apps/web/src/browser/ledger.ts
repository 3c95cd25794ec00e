import { type Server, createServer } from "node:http";
import type { BrowserContext, Page } from "playwright-core";
import { z } from "zod";

/** Somebody else's server, who would like to be asked for something. */
export class Trap {
  /** What it was asked for. */
  readonly hits: string[] = [];
  readonly #http: Server;
  readonly #port: number;

  private constructor(http: Server, port: number) {
    this.#http = http;
    this.#port = port;
  }

  static async open(): Promise<Trap> {
    const http = createServer();
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const address = http.address();
    const trap = new Trap(http, typeof address === "object" && address !== null ? address.port : 0);
    // It would run whatever it is given, and lets everybody read it.
    const headers = { "content-type": "text/javascript", "access-control-allow-origin": "*" };
    http.on("request", (request, response) => {
      trap.hits.push(request.url ?? "");
      response.writeHead(200, headers).end("window.pwned = true;");
    });
    http.on("upgrade", (request, socket) => {
      trap.hits.push(request.url ?? "");
      socket.destroy();
    });
    return trap;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async close(): Promise<void> {
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }
}

const seen = z.object({ pwned: z.boolean(), violations: z.array(z.string()) });

/** Everything a page and what it opens asks anybody for, from its first moment on. */
export class Ledger {
  readonly #urls: string[] = [];

  async keep(context: BrowserContext): Promise<void> {
    context.on("request", (request) => this.#urls.push(request.url()));
    context.on("page", (page) => page.on("websocket", (socket) => this.#urls.push(socket.url())));
    await context.addInitScript(() => {
      const violations: string[] = [];
      Object.assign(window, { violations });
      document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sample }) => {
        violations.push(`${effectiveDirective} ${blockedURI} ${sample}`.trim());
      });
      // What hostile pieces call, beside setting the canary themselves.
      for (const name of ["alert", "confirm", "prompt", "print"]) {
        Object.assign(window, { [name]: () => Object.assign(window, { pwned: true }) });
      }
    });
  }

  /** What went, or wanted to go, anywhere but to this server. */
  foreign(url: string): readonly string[] {
    const { host } = new URL(url);
    return this.#urls.filter((asked) => !asked.startsWith("data:") && new URL(asked).host !== host);
  }

  get length(): number {
    return this.#urls.length;
  }
}

/** Whether a script of theirs ran, and what the policy had to stop. */
export async function stateOf(page: Page): Promise<z.infer<typeof seen>> {
  return seen.parse(
    await page.evaluate(() => ({
      pwned: Object.hasOwn(window, "pwned"),
      violations: Reflect.get(window, "violations") as unknown,
    })),
  );
}
