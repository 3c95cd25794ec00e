import { type AskForToken, type OrquestraClient, createClient, tokenConnect, webSocketConnect } from "@orquestra/client";
import { type AnyTool, type Orquestra, type User, createOrquestra, defineTool, newId } from "@orquestra/core";
import { scriptedModel } from "@orquestra/core/testing";
import { type Command, parseReply } from "@orquestra/protocol";
import { WebSocket } from "ws";
import { z } from "zod";
import type { MintedToken } from "../mint.ts";
import { toUser } from "../users.ts";
import { HttpHarness, ownerToken } from "./http-harness.ts";

/** Where the page of the host product comes from. */
export const hostPage = "https://shop.example";

const minted = z.object({ token: z.string(), expiresAt: z.string(), userId: z.string(), sessionId: z.string() });

/** A plan of one call that changes something. */
export const order = '```plan\n1. order("tea")\n```';

/** The real HTTP app over a real engine, on a machine where `hostPage` is listed, with one tool of the host's that changes something. */
export class EmbeddingServer {
  readonly http: HttpHarness;
  /** Who was behind each call of the tool. */
  readonly callers: User[] = [];
  readonly #orquestra: Orquestra;
  readonly #clients: OrquestraClient[] = [];

  private constructor(http: HttpHarness, made: { readonly callers: User[]; readonly orquestra: Orquestra }) {
    this.http = http;
    this.callers = made.callers;
    this.#orquestra = made.orquestra;
  }

  /** `answers`: what the model says, turn by turn. */
  static async start(answers: readonly string[] = [], approvals: "allowed" | "refused" = "refused"): Promise<EmbeddingServer> {
    const http = new HttpHarness(approvals === "allowed");
    const callers: User[] = [];
    const models = scriptedModel(answers.map((text) => ({ text })));
    const orquestra = await createOrquestra({ store: http.store, models, tools: [ordering(callers)] });
    await http.start({ serve: orquestra.engine, allowedOrigins: [hostPage] });
    return new EmbeddingServer(http, { callers, orquestra });
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.http.stop();
    await this.#orquestra.close();
  }

  async mint(body: object): Promise<MintedToken> {
    const answer = await this.http.post("/api/tokens", body, { authorization: `Bearer ${ownerToken}` });
    if (answer.status !== 200) throw new Error(answer.body);
    return minted.parse(JSON.parse(answer.body));
  }

  async ownersSession(): Promise<string> {
    const owner = await this.http.store.users.get("owner");
    if (owner === null) throw new Error("there is no owner");
    const command: Command = { v: 1, id: newId(), type: "session-create", data: {} };
    return parseReply("session-create", await this.#orquestra.engine.handle(command, toUser(owner))).sessionId;
  }

  /** A page of the host in a browser: with its Origin, and the cookies that browser has. */
  page(askForToken: AskForToken, headers: { readonly cookie?: string } = {}): OrquestraClient {
    const PageSocket = class extends WebSocket {
      constructor(url: string, protocols?: string | string[]) {
        super(url, protocols, { origin: hostPage, headers: { ...headers } });
      }
    };
    const connect = webSocketConnect(`ws://127.0.0.1:${this.http.port}/ws`, { WebSocket: PageSocket });
    const client = createClient({ connect: tokenConnect(connect, askForToken) });
    this.#clients.push(client);
    return client;
  }
}

function ordering(callers: User[]): AnyTool {
  return defineTool({
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
    run: async ({ what }, { user }): Promise<{ ordered: string }> => {
      callers.push(user);
      return { ordered: what };
    },
  });
}
