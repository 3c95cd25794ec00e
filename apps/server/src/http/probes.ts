import type { FastifyInstance } from "fastify";

export interface ProbeSources {
  /** Resolves when the database answers. */
  readonly ping: () => Promise<void>;
  /** Whether work goes on without what nodes share. */
  readonly degraded: () => boolean;
}

/** For whoever restarts or routes: alive, and able to work. Neither says more than that. */
export function registerProbes(app: FastifyInstance, { ping, degraded }: ProbeSources): void {
  app.get("/healthz", { config: { access: "public", says: "the process lives" } }, (_request, reply) =>
    reply.header("cache-control", "no-store").send({ status: "ok" }),
  );
  app.get("/readyz", { config: { access: "public", says: "the database answers" } }, async (_request, reply) => {
    reply.header("cache-control", "no-store");
    if (!(await answersInTime(ping))) return await reply.code(503).send({ status: "unavailable" });
    return await reply.send({ status: degraded() ? "degraded" : "ready" });
  });
}

const patienceMs = 2_000;

async function answersInTime(ping: () => Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), patienceMs);
  });
  const answered = ping().then(
    () => true,
    () => false,
  );
  const ready = await Promise.race([answered, late]);
  clearTimeout(timer);
  return ready;
}
