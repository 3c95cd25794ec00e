import cookies from "@fastify/cookie";
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import type { Caller, Engine, Gateway, Redactor, SessionTransfer, Standing } from "@orquestra/core";
import { fastify, type FastifyInstance } from "fastify";
import type { Log } from "../log.ts";
import type { Access, Door } from "./door.ts";
import { securityHeaders } from "./headers.ts";
import { registerLaunch } from "./launch.ts";
import { type MetricsSources, registerMetrics } from "./metrics.ts";
import { type RouteInfo, registerOpenApi } from "./openapi.ts";
import { type ProbeSources, registerProbes } from "./probes.ts";
import { answerErrors } from "./problems.ts";
import { guardRequests, guardUpgrades } from "./security.ts";
import { registerSessionEvents } from "./session-events.ts";
import { registerSessionFiles } from "./session-files.ts";
import { type AuditServices, registerAudit } from "./audit-routes.ts";
import { type OwnerServices, registerOwnerRoutes } from "./owner-routes.ts";
import { registerSignOut } from "./sign-out.ts";
import { registerWebApp } from "./web-app.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Every route says it: one that does not is refused at the start. Absent only where there is no route. */
    access?: Access;
    /** For the API description. */
    says?: string;
  }
  interface FastifyRequest {
    /** Who asks; null on public routes. */
    caller: Caller | null;
    /** Whether they would be let in again, for answers that have no end. */
    stands: Standing;
    /** Until when at the longest. */
    expiresAt: number | null;
  }
}

export interface HttpOptions extends OwnerServices, ProbeSources {
  readonly version: string;
  readonly engine: Engine;
  readonly transfer: SessionTransfer;
  readonly gateway: Gateway;
  readonly audit: AuditServices;
  readonly door: Door;
  /** Numbers beside those of the process. */
  readonly metrics: MetricsSources;
  /** The built web app. */
  readonly webRoot: string;
  /** What must be in no answer. */
  readonly redactor: Redactor;
  readonly log: Log;
}

/** The whole HTTP side, ready to listen. The guard stands before every route, also before those that do not exist. */
export async function createHttpApp(options: HttpOptions): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: 64 * 1024,
    forceCloseConnections: true,
    // A whole request, its body included: Fastify would wait for ever. Long enough for a large import over a slow line.
    requestTimeout: 300_000,
    logger: false,
    routerOptions: { ignoreTrailingSlash: false },
  });
  const routes: RouteInfo[] = [];
  app.addHook("onRoute", ({ method, url, config }) => {
    const access = config?.access;
    if (access === undefined) throw new Error(`the route ${url} does not say who may use it`);
    for (const name of [method].flat()) {
      if (name !== "HEAD") routes.push({ method: name, path: url, access, says: config?.says ?? "" });
    }
  });
  app.addHook("onSend", async (_request, _reply, body) => (typeof body === "string" ? options.redactor.text(body) : body));
  answerErrors(app, options.log);
  await app.register(helmet, securityHeaders);
  await app.register(cookies);
  guardRequests(app, options.door);
  guardUpgrades(app, options.gateway);
  options.logins.onTakenBack((userId) => options.gateway.lookAgain(userId));
  await app.register(rateLimit, { global: false });
  registerProbes(app, options);
  registerLaunch(app, options.logins);
  registerMetrics(app, options.metrics);
  registerSessionEvents(app, options);
  registerSignOut(app, options.logins);
  registerSessionFiles(app, options.transfer);
  registerOwnerRoutes(app, options);
  registerAudit(app, options.audit);
  registerOpenApi(app, { version: options.version, routes });
  registerWebApp(app, options.webRoot);
  return app;
}
