import type { FastifyInstance } from "fastify";
import { createReadStream, existsSync, readdirSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import { problem } from "./problems.ts";

const types: { readonly [extension: string]: string } = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".woff2": "font/woff2",
};

/**
 * The built web app, for whoever is signed in. Every file that is there at the start is a route of its own, so no path is ever
 * made from what a request says. Files in `assets` carry a hash of their content in their name and may be kept for ever.
 */
export function registerWebApp(app: FastifyInstance, root: string): void {
  app.get("/ws", { config: { access: "session", says: "WebSocket, subprotocol orquestra.v1" } }, (_request, reply) =>
    reply
      .code(426)
      .header("upgrade", "websocket")
      .send({ error: { code: "bad_request", message: "Connect with a WebSocket." } }),
  );
  app.get("/", { config: { access: "signed-in", says: "the web app" } }, (_request, reply) => {
    const page = join(root, "index.html");
    if (!existsSync(page)) return problem(reply, "unavailable", "The web app is not built. Run `npm run build` in the clone.");
    return reply
      .type(types[".html"] ?? "")
      .header("cache-control", "no-store")
      .send(createReadStream(page));
  });
  for (const path of filesIn(root)) registerFile(app, root, path);
}

function registerFile(app: FastifyInstance, root: string, path: string): void {
  const type = types[extname(path)] ?? "application/octet-stream";
  const keep = path.startsWith("assets/") ? "private, max-age=31536000, immutable" : "no-cache";
  app.get(`/${path}`, { config: { access: "signed-in", says: "a file of the web app" } }, (_request, reply) =>
    reply
      .type(type)
      .header("cache-control", keep)
      .send(createReadStream(join(root, path))),
  );
}

/** Relative paths of its files, without the page itself and hidden ones. */
function filesIn(root: string): readonly string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((path) => path !== "index.html" && !/(^|\/)\./.test(path));
}
