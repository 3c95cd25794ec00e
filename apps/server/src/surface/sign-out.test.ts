import { openInMemoryCluster } from "@orquestra/core";
import { once } from "node:events";
import { type IncomingMessage, get } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ownerToken } from "../http/http-harness.ts";
import { openLogins } from "../open-logins.ts";
import { SurfaceServer, hostPage } from "./surface-harness.ts";

let server: SurfaceServer;

beforeEach(async () => {
  server = await SurfaceServer.start([], [hostPage]);
});
afterEach(() => server.stop());

const bearer = (token: string): { readonly authorization: string } => ({ authorization: `Bearer ${token}` });

/** A stream of events that has begun. */
async function stream(sessionId: string, token: string): Promise<{ readonly ended: Promise<void> }> {
  const path = `/api/sessions/${sessionId}/events`;
  const request = get({ host: "127.0.0.1", port: server.port, path, headers: bearer(token), agent: false });
  const response = await new Promise<IncomingMessage>((resolve) => request.once("response", resolve));
  response.on("error", () => undefined);
  response.resume();
  const ended = new Promise<void>((resolve) => response.once("close", resolve));
  await once(response, "data");
  return { ended };
}

async function kinds(): Promise<readonly string[]> {
  await server.http.audit.flushed();
  return (await server.http.store.audit.read(null, { limit: 1000 })).map(({ kind }) => kind);
}

describe("signing out", () => {
  it("ends the cookie and every socket it opened, and no other of the same person's", async () => {
    const page = { origin: hostPage };
    const mine = { cookie: await server.cookie(), ...page };
    const other = { cookie: await server.cookie(), ...page };
    const [open, elsewhere] = [await server.speak(mine), await server.speak(other)];
    const answer = await server.http.post("/sign-out", {}, mine);
    expect(answer).toMatchObject({ status: 204, body: "" });
    expect(String(answer.headers["set-cookie"])).toMatch(/^orquestra-\d+=; .*(?:Max-Age=0|Expires=Thu, 01 Jan 1970)/i);
    expect(await open.closed()).toBe(4001);
    expect((await server.http.ask("/", { headers: mine })).status).toBe(401);
    expect((await elsewhere.say("ping", {})).code).toBe("ok");
    expect(await kinds()).toContain("token-taken-back");
  });

  it("ends a member's token, its sockets and its streams; a command sent afterwards is not carried out", async () => {
    const { memberToken, sessions } = server.scene;
    const member = await server.speak(bearer(memberToken));
    const { ended } = await stream(sessions.member, memberToken);
    expect((await server.http.post("/sign-out", {}, bearer(memberToken))).status).toBe(204);
    await expect(member.say("session-update", { title: "After all" }, sessions.member)).rejects.toThrow("closed with 4001");
    await ended;
    expect((await server.http.store.sessions.get(sessions.member))?.title).not.toBe("After all");
  });

  it("ends a page's minted token that its product takes back, also where it signed in by its first frame", async () => {
    const token = await server.minted();
    const [program, page] = [await server.speak(bearer(token)), await server.speak({ origin: hostPage })];
    expect((await page.say("authenticate", { token })).code).toBe("ok");
    const answer = await server.http.post("/api/tokens/take-back", { token }, bearer(ownerToken));
    expect(answer).toMatchObject({ status: 204, body: "" });
    expect([await program.closed(), await page.closed()]).toEqual([4001, 4001]);
    // Whoever asks for what is gone already is told that it is.
    expect((await server.http.post("/api/tokens/take-back", { token }, bearer(ownerToken))).status).toBe(204);
  });

  it("cannot end the owner's token, which stands in a file or a setting", async () => {
    const owner = await server.speak(bearer(ownerToken));
    expect(await server.http.post("/sign-out", {}, bearer(ownerToken))).toMatchObject({ status: 409 });
    expect((await owner.say("ping", {})).code).toBe("ok");
  });
});

it("is told to other nodes, and what may have been missed is looked for", async () => {
  const { store, audit } = server.http;
  const clock = { now: () => Date.now() };
  const about = { store, audit, clock, ownerToken, ownerId: "owner", embedApprovals: false };
  const gaps: (() => void)[] = [];
  const { bus } = openInMemoryCluster();
  const cutting = { ...bus, publish: bus.publish.bind(bus), subscribe: bus.subscribe.bind(bus) };
  const onGap = (listener: () => void): (() => void) => (gaps.push(listener), () => undefined);
  const [here, there] = [await openLogins(about, { bus }), await openLogins(about, { bus: { ...cutting, onGap } })];
  const heard: (string | null)[] = [];
  there.onTakenBack((userId) => heard.push(userId));
  expect(await here.takeBackToken(server.scene.memberToken)).toBe(true);
  await expect.poll(() => heard).toEqual([server.scene.member.id]);
  for (const gap of gaps) gap();
  expect(heard).toEqual([server.scene.member.id, null]);
});
