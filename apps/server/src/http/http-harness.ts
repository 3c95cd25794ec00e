import {
  AuditTrail,
  type Engine,
  type ImportOptions,
  type LiveFrame,
  type SessionTransfer,
  Redactor,
  CommandError,
  createGateway,
  openInMemoryStore,
  systemClock,
} from "@orquestra/core";
import { emptySession } from "@orquestra/protocol";
import type { FastifyInstance } from "fastify";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { Readable } from "node:stream";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog } from "../log.ts";
import { Logins } from "../logins.ts";
import { type Mint, createMint } from "../mint.ts";
import { addUser, ensureOwner } from "../users.ts";
import { createHttpApp } from "./app.ts";
import { Door, type DoorOptions } from "./door.ts";
import { admitUpgrade } from "./security.ts";

export const ownerToken = "made-up-owner-token";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string;
}

/** The session `s1` with one event; every other is somebody else's. */
class EngineDouble implements Engine {
  deliver: (frame: LiveFrame) => void = () => undefined;
  attached = 0;

  handle(): Promise<never> {
    return Promise.reject(new Error("no commands here"));
  }

  attach({ sessionId, from, deliver }: Parameters<Engine["attach"]>[0]): ReturnType<Engine["attach"]> {
    if (sessionId === "broken") return Promise.reject(new Error("disk /somewhere/secret is gone"));
    if (sessionId !== "s1") return Promise.reject(new CommandError("not_found", "There is no such session."));
    this.attached += 1;
    return Promise.resolve({
      seq: 1,
      watching: this.attached,
      snapshot: from === undefined ? { ...emptySession(sessionId), seq: 1 } : null,
      start: () => {
        this.deliver = deliver;
        if (from === 0)
          deliver({ v: 1, type: "notice", sessionId, seq: 1, at: "2026-01-01T00:00:00.000Z", data: { text: "hi" } });
      },
      detach: () => {
        this.attached -= 1;
      },
    });
  }

  refused(): void {
    return undefined;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export interface Setting extends Partial<Pick<DoorOptions, "allowedHosts" | "allowedOrigins" | "ownHost">> {
  /** Instead of the doubles. */
  readonly serve?: Engine;
  readonly transfer?: SessionTransfer;
}

/** The real HTTP app on a real port, over the store in memory and, unless told otherwise, a double of the engine. */
export class HttpHarness {
  readonly engine = new EngineDouble();
  readonly store = openInMemoryStore();
  readonly audit = new AuditTrail({ log: this.store.audit, nodeId: "n1" });
  readonly #clock = { now: () => this.now };
  readonly logins: Logins;
  readonly embedApprovals: boolean;
  readonly logged: string[] = [];
  readonly redactor = new Redactor();
  readonly workspaces: string[] = [];
  readonly webRoot = mkdtempSync(join(tmpdir(), "orquestra-web-"));
  now = Date.now();
  ping: () => Promise<void> = () => Promise.resolve();
  degraded = false;
  app: FastifyInstance | null = null;
  port = 0;

  constructor(embedApprovals = false) {
    this.embedApprovals = embedApprovals;
    const { store } = this;
    this.logins = new Logins({ store, ownerToken, ownerId: "owner", clock: this.#clock, embedApprovals, audit: this.audit });
  }

  /** What was sent for an import, and how. */
  readonly imported: { readonly text: string; readonly options: ImportOptions | undefined }[] = [];
  readonly transfer: SessionTransfer = {
    export: async (sessionId) => {
      if (sessionId !== "s1") throw new CommandError("not_found", "There is no such session.");
      return Readable.from(['{"orquestra":"session"}\n', '{"type":"end"}\n']);
    },
    import: async (source, _user, options) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of source) {
        if (chunk[0] === 0) throw new CommandError("bad_request", "Line 1: it is no JSON.");
        chunks.push(chunk);
      }
      const text = Buffer.concat(chunks).toString("utf8");
      if (text === "") throw new CommandError("bad_request", "This is no exported session.");
      this.imported.push({ text, options });
      return "s2";
    },
  };

  async start({ serve: engine = this.engine, transfer = this.transfer, ...allow }: Setting = {}): Promise<this> {
    mkdirSync(join(this.webRoot, "assets"));
    writeFileSync(join(this.webRoot, "assets", ".env"), "made-up");
    writeFileSync(join(this.webRoot, "index.html"), "<title>the app</title>");
    writeFileSync(join(this.webRoot, "assets", "app-1a2b.js"), "run();");
    await ensureOwner(this.store, systemClock);
    const door = new Door({ logins: this.logins, allowedHosts: [], allowedOrigins: [], ...allow });
    const server = { version: "1.2.3", nodeId: "n1" };
    const gateway = createGateway({ engine, admit: admitUpgrade(door), server });
    this.app = await createHttpApp({
      version: "1.2.3",
      engine,
      transfer,
      gateway,
      audit: { log: this.store.audit, trail: this.audit },
      door,
      logins: this.logins,
      ping: () => this.ping(),
      degraded: () => this.degraded,
      addWorkspace: async (path) => {
        this.workspaces.push(path);
        return path;
      },
      addUser: async (name) => this.newMember(name),
      mint: this.#mint(engine),
      metrics: {
        version: "1.2.3",
        connections: () => gateway.connections,
        attachedSessions: () => 2,
        activeRuns: () => Promise.resolve(3),
        degraded: () => this.degraded,
        engine: () => "",
      },
      webRoot: this.webRoot,
      redactor: this.redactor,
      log: createLog("warn", this.redactor, { write: (line) => this.logged.push(line) }),
    });
    this.port = Number(new URL(await this.app.listen({ host: "127.0.0.1", port: 0 })).port);
    return this;
  }

  async stop(): Promise<void> {
    await this.app?.close();
    rmSync(this.webRoot, { recursive: true });
  }

  #mint(engine: Engine): Mint {
    const { store, logins, embedApprovals, audit } = this;
    return createMint({ store, logins, embedApprovals, engine, clock: this.#clock, audit });
  }

  async newMember(name: string): Promise<string> {
    return await this.logins.newBearerToken((await addUser(this.store, systemClock, name)).id);
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get bearer(): { readonly authorization: string } {
    return { authorization: `Bearer ${ownerToken}` };
  }

  /** The header of a browser that has signed in. */
  async cookie(): Promise<{ readonly cookie: string }> {
    const secret = await this.logins.swapLaunchToken(await this.logins.newLaunchToken());
    return { cookie: `other=1; orquestra-${this.port}=${secret}` };
  }

  /** One request with exactly these headers; a Host is added where none is given. */
  async ask(path: string, { method = "GET", headers = {}, body }: Ask = {}): Promise<Answer> {
    return await new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
      const options = { host: "127.0.0.1", port: this.port, path, method, headers: { ...length, ...headers }, agent: false };
      const outgoing = request(options, (incoming) => {
        let text = "";
        incoming.setEncoding("utf8");
        incoming.on("data", (chunk: string) => {
          text += chunk;
          // A stream of events has no end: its first message is enough here.
          if (incoming.headers["content-type"] === "text/event-stream") incoming.destroy();
        });
        incoming.on("close", () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text }));
      });
      outgoing.on("upgrade", (incoming, socket) => {
        socket.destroy();
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: "" });
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  }

  async post(path: string, body: unknown, headers: { readonly [name: string]: string } = {}): Promise<Answer> {
    return await this.ask(path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  }
}

export const upgradeHeaders = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": Buffer.alloc(16).toString("base64"),
};
