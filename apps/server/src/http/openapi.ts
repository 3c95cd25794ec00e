import type { FastifyInstance } from "fastify";
import type { Access } from "./door.ts";

/** A route as the description shows it. */
export interface RouteInfo {
  readonly method: string;
  readonly path: string;
  readonly access: Access;
  readonly says: string;
}

const security: { readonly [access in Access]: readonly object[] } = {
  public: [],
  "signed-in": [{ bearer: [] }, { cookie: [] }],
  session: [{ bearer: [] }, { cookie: [] }],
  bearer: [{ bearer: [] }],
  owner: [{ bearer: [] }],
};

/** Describes the routes that are really there: the list is the one they were registered in. */
export function registerOpenApi(
  app: FastifyInstance,
  about: { readonly version: string; readonly routes: readonly RouteInfo[] },
): void {
  app.get("/openapi.json", { config: { access: "signed-in", says: "this description" } }, () =>
    describe(about.version, about.routes),
  );
}

function describe(version: string, routes: readonly RouteInfo[]): object {
  const paths: { [path: string]: { [method: string]: object } } = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
    (paths[path] ??= {})[route.method.toLowerCase()] = describeRoute(route, path);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Orquestra",
      version,
      description: "Sessions are driven over the WebSocket at /ws, subprotocol orquestra.v1.",
    },
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer" },
        cookie: { type: "apiKey", in: "cookie", name: "orquestra-<port>" },
      },
    },
    paths,
  };
}

function describeRoute({ says, access }: RouteInfo, path: string): object {
  const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const refusals = access === "public" ? {} : { "401": { description: "no or bad credentials" } };
  return {
    summary: says,
    security: security[access],
    ...(parameters.length > 0 ? { parameters } : {}),
    responses: { "2XX": { description: "done" }, ...refusals, "403": { description: "foreign Host or Origin" } },
  };
}
