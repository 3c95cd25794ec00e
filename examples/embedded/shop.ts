import { randomUUID } from "node:crypto";
import { type FastifyInstance, type FastifyRequest, fastify } from "fastify";

/** Somebody the shop knows. */
export interface Customer {
  readonly id: string;
  readonly name: string;
  readonly orders: readonly string[];
}

export interface Shop {
  readonly app: FastifyInstance;
  /** Who is signed in to the shop; null: nobody. */
  readonly customerOf: (request: FastifyRequest) => Customer | null;
}

/** The product as it was before: customers, and a sign-in of its own. */
export function createShop(customers: readonly Customer[]): Shop {
  const app = fastify();
  const signedIn = new Map<string, Customer>();
  app.post<{ Body: { readonly name: string } }>("/sign-in", async ({ body }, reply) => {
    const customer = customers.find(({ name }) => name === body.name);
    if (customer === undefined) return reply.code(401).send({ error: "Nobody of that name." });
    const session = randomUUID();
    signedIn.set(session, customer);
    return reply.header("set-cookie", `shop=${session}; HttpOnly; SameSite=Strict; Path=/`).send({ name: customer.name });
  });
  return {
    app,
    customerOf: ({ headers }) => signedIn.get(/(?:^|; )shop=([^;]+)/.exec(headers.cookie ?? "")?.[1] ?? "") ?? null,
  };
}
