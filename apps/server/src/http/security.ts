import type { Admission, Caller, Gateway } from "@orquestra/core";
import { type FastifyInstance, type FastifyRequest } from "fastify";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Door, Knock } from "./door.ts";
import { refuseEntry } from "./problems.ts";

/** Until somebody is let in. */
const nobodyStands = (): Promise<boolean> => Promise.resolve(false);

const reading = new Set(["GET", "HEAD", "OPTIONS"]);

/** Puts the door before every route: nothing of a request is looked at before it, and a route without an access needs a sign-in. */
export function guardRequests(app: FastifyInstance, door: Door): void {
  app.decorateRequest("caller", null);
  app.decorateRequest("stands", nobodyStands);
  app.decorateRequest("expiresAt", null);
  app.addHook("onRequest", async (request, reply) => {
    const { access = "signed-in" } = request.routeOptions.config;
    const entry = await door.enter(knockOf(request.raw, !reading.has(request.method)), access);
    if (entry.status === "refused") return await refuseEntry(request, reply, entry);
    request.caller = entry.caller;
    request.stands = entry.stands;
    request.expiresAt = entry.expiresAt;
    return undefined;
  });
}

/** Lets the gateway ask the door before it upgrades. */
export function admitUpgrade(door: Door): (request: IncomingMessage) => Promise<Admission> {
  return async (request) => {
    const entry = await door.enterSocket(knockOf(request, true));
    if (entry.status === "refused") return entry;
    if (entry.status === "unidentified") return { ...entry, identify: (token) => door.identify(token) };
    if (entry.caller === null) return { status: "refused", code: 401, message: "Sign in first." };
    return { ...entry, ...entry.caller };
  };
}

/** Upgrades go past routes and hooks, so they are handed over here. There is only one place to upgrade. */
export function guardUpgrades(app: FastifyInstance, gateway: Gateway): void {
  app.server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    if (request.url?.split("?")[0] === "/ws") return gateway.handleUpgrade(request, socket, head);
    socket.on("error", () => socket.destroy());
    socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    return undefined;
  });
}

/** Who asks, on a route that is not public. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null) throw new Error(`${request.routeOptions.url} is public: nobody is known there`);
  return request.caller;
}

function knockOf(request: IncomingMessage, writes: boolean): Knock {
  return { headers: request.headers, port: request.socket.localPort ?? 0, writes };
}
