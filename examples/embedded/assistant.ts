import {
  type AnyTool,
  type LanguageModel,
  SessionTokens,
  type User,
  createGateway,
  createOrquestra,
  openInMemoryStore,
} from "@orquestra/core";
import type { FastifyRequest } from "fastify";
import type { Customer, Shop } from "./shop.ts";

export interface AssistantOptions {
  readonly model: LanguageModel;
  /** All that the assistant can do: there is no file and no shell tool unless the shop adds one. */
  readonly tools: readonly AnyTool[];
  /** The origin of the shop's pages. */
  readonly page: string;
}

/** Adds an assistant to a shop: a route that mints tokens for whoever is signed in, and a socket that takes them. */
export async function addAssistant({ app, customerOf }: Shop, { model, tools, page }: AssistantOptions): Promise<void> {
  const store = openInMemoryStore();
  const orquestra = await createOrquestra({ models: model, tools, store });
  // Approvals are off: no token of an embedded page can ever answer one.
  const tokens = new SessionTokens({ store });
  const gateway = createGateway({
    engine: orquestra.engine,
    server: { version: "1", nodeId: "shop" },
    // Only pages of the shop may open a socket, and there they say in their first frame who they are.
    admit: async ({ headers }) =>
      headers.origin === page
        ? { status: "unidentified", identify: (token) => tokens.identify(token) }
        : { status: "refused", code: 403, message: "Open the assistant in the shop." },
  });
  const sessions = new Map<string, string>();

  const sessionOf = async (user: User): Promise<string> => {
    const known = sessions.get(user.id);
    if (known !== undefined) return known;
    // `headless`, as nobody may approve: a question is a no that the model hears of.
    const { sessionId } = await orquestra.command("session-create", { workspace: null, mode: "headless" }, { user });
    sessions.set(user.id, sessionId);
    return sessionId;
  };

  app.post("/assistant/token", async (request: FastifyRequest, reply) => {
    const customer = customerOf(request);
    if (customer === null) return reply.code(401).send({ error: "Sign in to the shop first." });
    const user = userOf(customer);
    await orquestra.saveUser(user);
    const sessionId = await sessionOf(user);
    const minted = await tokens.mint({ userId: user.id, sessionId, ttlMs: 10 * 60_000 });
    return reply.header("cache-control", "no-store").send({ ...minted, sessionId });
  });
  app.server.on("upgrade", (request, socket, head) => {
    if (request.url === "/assistant/socket") gateway.handleUpgrade(request, socket, head);
    else socket.destroy();
  });
  app.addHook("preClose", async () => {
    await gateway.close();
    await orquestra.close();
    await store.close();
  });
}

function userOf({ id, name }: Customer): User {
  return { id, tenant: "shop", name, metadata: {} };
}
