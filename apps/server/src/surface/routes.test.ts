import { tmpdir } from "node:os";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ownerToken } from "../http/http-harness.ts";
import { type Knocker, knownKnockers, strangers, unknownKnockers } from "./knockers.ts";
import { type RouteLine, routeLines } from "./route-lines.ts";
import { type RawAnswer, SurfaceServer } from "./surface-harness.ts";

let server: SurfaceServer;

beforeEach(async () => {
  server = await SurfaceServer.start();
});
afterEach(() => server.stop());

interface Place {
  readonly method: string;
  readonly url: string;
  readonly line: RouteLine;
}

/** Not a route: behind the door all the same. */
const nowhere: readonly Place[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"].flatMap((method) =>
  ["/nothing/here", "/api/sessions", "/api/sessions/x/export/y"].map((url) => ({
    method,
    url,
    line: { access: "signed-in", serves: 404 },
  })),
);

/** Every route of the route table with its line. */
function places(): readonly Place[] {
  return server.registered.map(({ method, url }) => {
    const line = routeLines[`${method === "HEAD" ? "GET" : method} ${url}`];
    if (line === undefined) throw new Error(`no line for ${method} ${url}: say in route-lines.ts who may use it`);
    return { method, url, line };
  });
}

const reading = new Set(["GET", "HEAD", "OPTIONS"]);

async function knock(place: Place, { head, host, query = "", session = "owner" }: Knocker, id?: string): Promise<RawAnswer> {
  const { method, url, line } = place;
  const path = url.replace(":id", id ?? server.scene.sessions[session]);
  const body = line.body === undefined ? "" : JSON.stringify(await line.body(server));
  const about = body === "" ? [] : ["Content-Type: application/json", `Content-Length: ${Buffer.byteLength(body)}`];
  const name = (host ?? ((port: number) => `127.0.0.1:${port}`))(server.port);
  const lines = [`${method} ${path}${query} HTTP/1.1`, `Host: ${name}`, "Connection: close", ...about, ...(await head(server))];
  return await server.raw(lines, body);
}

/** What nobody may learn here, whatever they are answered. */
function expectNoLeak({ head, body }: RawAnswer, where: string): void {
  expect(head, where).not.toMatch(/^access-control-|^server:|^x-powered-by:/im);
  expect(head, where).toMatch(/^content-security-policy: default-src 'none'/im);
  expect(head, where).toMatch(/^x-content-type-options: nosniff/im);
  for (const secret of [ownerToken, tmpdir(), "node_modules", "file://", "    at ", "<pre>"]) {
    expect(head + body, where).not.toContain(secret);
  }
}

function expectRefusal(answer: RawAnswer, place: Place, where: string): void {
  expectNoLeak(answer, where);
  const code = answer.status === 401 ? "unauthorized" : answer.status === 403 ? "forbidden" : "not_found";
  if (place.method !== "HEAD") expect(JSON.parse(answer.body), where).toMatchObject({ error: { code } });
  for (const id of Object.values(server.scene.sessions)) expect(answer.body, where).not.toContain(id);
}

it("has a line for every route, every line a route, and every route says who may use it", () => {
  const registered = server.registered.filter(({ method }) => method !== "HEAD").map(({ method, url }) => `${method} ${url}`);
  expect(registered.toSorted()).toEqual(Object.keys(routeLines).toSorted());
  for (const { method, url, access } of server.registered) {
    const line = routeLines[`${method === "HEAD" ? "GET" : method} ${url}`];
    expect([url, access]).toEqual([url, line?.access]);
  }
});

describe.each([
  ["who is not known", unknownKnockers],
  ["who is known", knownKnockers],
  ["who does not come from where they should", strangers],
])("%s", (_who, knockers) => {
  it.each(knockers)("$is: gets what they may on every route, and learns nothing elsewhere", async (knocker) => {
    for (const place of [...places(), ...nowhere]) {
      const where = `${knocker.is}: ${place.method} ${place.url}`;
      const answer = await knock(place, knocker);
      const reach = knocker.reaches({ access: place.line.access, writes: !reading.has(place.method) });
      expect([where, answer.status]).toEqual([where, reach === "in" ? place.line.serves : reach]);
      if (reach !== "in") expectRefusal(answer, place, where);
      else expectNoLeak(answer, where);
    }
  });
});
