import { type AnyTool, type Orquestra, type User, type UserRecord, createOrquestra, defineTool } from "@orquestra/core";
import { type ScriptedReply, scriptedModel } from "@orquestra/core/testing";
import type { RouteOptions } from "fastify";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { connect } from "node:net";
import { z } from "zod";
import type { Access } from "../http/door.ts";
import { HttpHarness } from "../http/http-harness.ts";
import { toUser } from "../users.ts";
import { Speaker } from "./speaker-harness.ts";

/** Where the page of a host product comes from. */
export const hostPage = "https://shop.example";

const aDay = 24 * 3_600_000;

/** What came back over a bare socket, until it was closed. */
export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** A route as Fastify registered it, also those that it makes itself. */
export interface Registered {
  readonly method: string;
  readonly url: string;
  readonly access: Access | undefined;
}

const created = z.object({ fastify: z.custom<{ addHook(name: "onRoute", hook: (route: RouteOptions) => void): void }>() });

/** Three users with a session each: the owner, a member, and a host product's user with minted tokens. */
export interface Scene {
  readonly owner: User;
  readonly member: User;
  readonly guest: User;
  readonly memberToken: string;
  readonly sessions: { readonly owner: string; readonly member: string; readonly guest: string };
}

/** The real HTTP app and gateway over a real engine with everybody's work in it. */
export class SurfaceServer {
  readonly http: HttpHarness;
  readonly registered: readonly Registered[];
  readonly #speakers: Speaker[] = [];
  readonly orquestra: Orquestra;
  readonly scene: Scene;

  private constructor(orquestra: Orquestra, http: HttpHarness, scene: Scene, registered: readonly Registered[]) {
    this.orquestra = orquestra;
    this.http = http;
    this.scene = scene;
    this.registered = registered;
  }

  /** `answers`: what the model says, turn by turn. */
  static async start(answers: readonly ScriptedReply[] = [], allowedOrigins: readonly string[] = []): Promise<SurfaceServer> {
    const http = new HttpHarness(true);
    const orquestra = await createOrquestra({
      store: http.store,
      models: scriptedModel([...answers]),
      tools: [look, order],
      defaultMode: "ask",
      connectModel: () => Promise.resolve({ models: [] }),
    });
    const registered: Registered[] = [];
    const walk = (message: unknown): void => {
      created.parse(message).fastify.addHook("onRoute", ({ method, url, config }) => {
        for (const name of [method].flat()) registered.push({ method: name, url, access: config?.access });
      });
    };
    // The route table itself, and not what the app says about it.
    subscribe("fastify.initialization", walk);
    await http.start({ serve: orquestra.engine, transfer: orquestra.transfer, allowedOrigins });
    unsubscribe("fastify.initialization", walk);
    const memberToken = await http.newMember("Ada");
    const users = await http.store.users.list();
    const [owner, member] = [userNamed(users, "Owner"), userNamed(users, "Ada")];
    const guest = await hostUser(http);
    const sessions = {
      owner: await newSession(orquestra, owner),
      member: await newSession(orquestra, member),
      guest: await newSession(orquestra, guest),
    };
    return new SurfaceServer(orquestra, http, { owner, member, guest, memberToken, sessions }, registered);
  }

  async stop(): Promise<void> {
    for (const speaker of this.#speakers) speaker.close();
    await this.http.stop();
    await this.orquestra.close();
  }

  get port(): number {
    return this.http.port;
  }

  /** An open socket, closed when the server stops. */
  async speak(headers: { readonly [name: string]: string }): Promise<Speaker> {
    const speaker = await Speaker.connect(this.port, headers);
    this.#speakers.push(speaker);
    return speaker;
  }

  /** The cookie of a browser that signed in so many days ago. */
  async cookie(daysAgo = 0): Promise<string> {
    const { now } = this.http;
    this.http.now = now - daysAgo * aDay;
    const { cookie } = await this.http.cookie();
    this.http.now = now;
    return cookie;
  }

  /** A token for a session of the host product's user; one that is over after `ttlMs` below zero. */
  async minted({ mayApprove = false, ttlMs = 600_000, sessionId = this.scene.sessions.guest } = {}): Promise<string> {
    const userId = this.scene.guest.id;
    const { now } = this.http;
    if (ttlMs < 0) this.http.now = now - aDay;
    const { token } = await this.http.logins.mint({ userId, sessionId, mayApprove, ttlMs: Math.abs(ttlMs) });
    this.http.now = now;
    return token;
  }

  /** Exactly these lines, over a socket of its own; what comes back until the other side closes or streams events. */
  async raw(lines: readonly string[], body = ""): Promise<RawAnswer> {
    const socket = connect(this.port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write(`${lines.join("\r\n")}\r\n\r\n${body}`);
    let text = "";
    for await (const chunk of socket) {
      text += String(chunk);
      // These have no end: their first words are enough.
      if (/^HTTP\/1.1 101 /.test(text) || /\r\ncontent-type: text\/event-stream/i.test(text)) break;
    }
    socket.destroy();
    const [head = "", ...rest] = text.split("\r\n\r\n");
    return { status: Number(/^HTTP\/1\.\d (\d+)/.exec(head)?.[1] ?? 0), head, body: rest.join("\r\n\r\n") };
  }
}

const look: AnyTool = defineTool({
  name: "look",
  description: "Looks for something.",
  effects: ["read"],
  critical: [],
  integrity: "inputs",
  idempotent: true,
  undoable: false,
  timeoutMs: 10_000,
  input: z.object({ what: z.string() }),
  output: z.object({ found: z.string() }),
  run: ({ what }) => Promise.resolve({ found: what }),
});

/** Changes something, so it asks. */
const order: AnyTool = defineTool({
  name: "order",
  description: "Orders something.",
  effects: ["write"],
  critical: [],
  integrity: "inputs",
  idempotent: false,
  undoable: false,
  timeoutMs: 10_000,
  input: z.object({ what: z.string() }),
  output: z.object({ ordered: z.string() }),
  run: ({ what }) => Promise.resolve({ ordered: what }),
});

function userNamed(users: readonly UserRecord[], name: string): User {
  const found = users.find((user) => user.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return toUser(found);
}

async function hostUser({ store }: HttpHarness): Promise<User> {
  const at = new Date(0).toISOString();
  const user: User = { id: "host:42", tenant: "host", name: "Grace", metadata: { plan: "pro" } };
  const record: UserRecord = { ...user, role: "member", createdAt: at };
  await store.commit({ sessionId: null, events: [], changes: [{ put: "users", record }], at });
  return user;
}

async function newSession(orquestra: Orquestra, user: User): Promise<string> {
  return (await orquestra.command("session-create", { workspace: null, mode: "ask" }, { user })).sessionId;
}
