import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ownerToken } from "../http/http-harness.ts";
import { type Knocker, knownKnockers, strangers, unknownKnockers } from "./knockers.ts";
import { type RawAnswer, SurfaceServer, hostPage } from "./surface-harness.ts";

let server: SurfaceServer;

beforeEach(async () => {
  server = await SurfaceServer.start();
});
afterEach(() => server.stop());

const key = Buffer.alloc(16).toString("base64");
const upgrade = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", `Sec-WebSocket-Key: ${key}`];

async function knock({ head, host, query = "" }: Knocker, path = "/ws", lines = upgrade): Promise<RawAnswer> {
  const name = (host ?? ((port: number) => `127.0.0.1:${port}`))(server.port);
  return await server.raw([`GET ${path}${query} HTTP/1.1`, `Host: ${name}`, ...lines, ...(await head(server))]);
}

/** An upgrade opens a socket, so it counts as a write: a cookie must come with an Origin. */
const door = { access: "session", writes: true } as const;

describe.each([
  ["who is not known", unknownKnockers],
  ["who is known", knownKnockers],
  ["who does not come from where they should", strangers],
])("an upgrade of %s", (_who, knockers) => {
  it.each(knockers)("$is: is answered before anything is upgraded", async (knocker) => {
    const answer = await knock(knocker);
    const reach = knocker.reaches(door);
    expect(answer.status).toBe(reach === "in" ? 101 : reach);
    if (reach === "in") return;
    expect(answer.head).toMatch(/^connection: close$/im);
    expect(answer.head).not.toMatch(/^(upgrade|sec-websocket-accept|access-control-.*):/im);
    expect(answer.body).toMatch(/^[^\n]+\n$/);
    expect(server.http.logged).toEqual([]);
  });

  it.each(knockers)("$is: leads nowhere but to /ws", async (knocker) => {
    for (const path of ["/", "/ws/", "/WS", "/ws/..", "//ws", "/api/sessions/x/events", "/launch", "/healthz"]) {
      const answer = await knock(knocker, path);
      expect([path, answer.status]).toEqual([path, 404]);
    }
  });
});

describe("an upgrade that is put together wrong", () => {
  const owner: Knocker = {
    is: "the owner",
    head: async () => [`Authorization: Bearer ${ownerToken}`],
    reaches: () => "in",
  };

  it.each<[what: string, lines: readonly string[], status: number]>([
    ["without a key", upgrade.filter((line) => !line.startsWith("Sec-WebSocket-Key")), 400],
    ["with a key that is too short", [...upgrade.slice(0, 3), "Sec-WebSocket-Key: abc"], 400],
    ["of an old version", [...upgrade.slice(0, 2), "Sec-WebSocket-Version: 7", `Sec-WebSocket-Key: ${key}`], 400],
    ["to another protocol", ["Connection: Upgrade", "Upgrade: h2c", ...upgrade.slice(2)], 400],
    ["that offers other subprotocols only", [...upgrade, "Sec-WebSocket-Protocol: graphql-ws, mqtt"], 400],
    ["whose subprotocol is no word", [...upgrade, "Sec-WebSocket-Protocol: orquestra.v1, ,"], 400],
  ])("%s is refused", async (_what, lines, status) => {
    const answer = await knock(owner, "/ws", [...lines]);
    expect(answer.status).toBe(status);
    expect(answer.head).not.toMatch(/^sec-websocket-accept:/im);
  });

  it("gets no compression, whatever it offers", async () => {
    const answer = await knock(owner, "/ws", [
      ...upgrade,
      "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
    ]);
    expect(answer.status).toBe(101);
    expect(answer.head).not.toMatch(/^sec-websocket-extensions:/im);
  });
});

it("tells a page of an origin that is not listed nothing of minted tokens", async () => {
  const token = await server.minted();
  const answer = await knock({
    is: "a page of a host product that is not listed",
    head: async () => [`Origin: ${hostPage}`, `Authorization: Bearer ${token}`],
    reaches: () => 403,
  });
  expect(answer.status).toBe(403);
});
