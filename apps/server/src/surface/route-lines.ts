import type { Access } from "../http/door.ts";
import type { SurfaceServer } from "./surface-harness.ts";

/** What the matrix knows of a route. A route without a line fails the matrix: whoever adds one says here who may use it. */
export interface RouteLine {
  readonly access: Access;
  /** What whoever may use it is answered, for a session of their own. */
  readonly serves: number;
  /** Something it takes. */
  readonly body?: (server: SurfaceServer) => Promise<object>;
}

let names = 0;

/** HEAD is not here: Fastify makes one beside each GET, and it is answered alike. */
export const routeLines: { readonly [route: string]: RouteLine } = {
  "GET /healthz": { access: "public", serves: 200 },
  "GET /readyz": { access: "public", serves: 200 },
  "GET /launch": { access: "public", serves: 200 },
  "GET /launch.js": { access: "public", serves: 200 },
  "GET /launch.css": { access: "public", serves: 200 },
  "POST /launch": { access: "public", serves: 204, body: async ({ http }) => ({ token: await http.logins.newLaunchToken() }) },

  "GET /": { access: "signed-in", serves: 200 },
  "GET /assets/app-1a2b.js": { access: "signed-in", serves: 200 },
  "GET /openapi.json": { access: "signed-in", serves: 200 },
  "GET /api/sessions/:id/export": { access: "signed-in", serves: 200 },
  // What is sent here is no export.
  "POST /api/sessions/import": { access: "signed-in", serves: 400, body: async () => ({}) },

  "GET /ws": { access: "session", serves: 426 },
  "GET /api/sessions/:id/events": { access: "session", serves: 200 },

  // It would end what the matrix comes in with: sign-out.test.ts does.
  "POST /sign-out": { access: "session", serves: 400, body: async () => ({ what: "nothing is taken" }) },

  "GET /metrics": { access: "bearer", serves: 200 },

  "GET /api/audit/openings": { access: "owner", serves: 200 },
  "GET /api/audit/rows": { access: "owner", serves: 200 },
  // What is sent here says nothing of a file.
  "POST /api/audit/seals": { access: "owner", serves: 400, body: async () => ({}) },

  "POST /api/launch-tokens": { access: "owner", serves: 200, body: async () => ({}) },
  "POST /api/workspaces": { access: "owner", serves: 200, body: async () => ({ path: "/some/where" }) },
  "POST /api/users": { access: "owner", serves: 200, body: async () => ({ name: `User ${(names += 1)}` }) },
  "POST /api/tokens/take-back": { access: "owner", serves: 204, body: async () => ({ token: "made-up" }) },
  "POST /api/tokens": { access: "owner", serves: 200, body: async () => ({ user: { id: "43" } }) },
};
