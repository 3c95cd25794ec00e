import { afterEach, describe, expect, it } from "vitest";
import type { Admission } from "./gateway.ts";
import { Harness, type TestClient, readToEnd, session } from "./gateway-harness.ts";
import type { GatewayLimits } from "./limits.ts";

let current: Harness | null = null;
let now = 0;

/** Time stands still until it is moved. */
async function serve(limits: Partial<GatewayLimits>): Promise<Harness> {
  now = 1_000_000;
  current = await new Harness(limits, { now: () => now }).listen();
  return current;
}

afterEach(async () => {
  await current?.stop();
  current = null;
});

const bob: Admission = { status: "admitted", user: { id: "u2", tenant: "t1", name: "Bob", metadata: {} }, scope: null };

async function codeOf(client: TestClient, frame: { readonly id: string; readonly [field: string]: unknown }): Promise<unknown> {
  client.send(frame);
  const { ok, error } = await client.reply(frame.id);
  return ok === true ? "ok" : error;
}

const ping = (id: string) => ({ id, type: "ping" });
const message = (id: string) => ({ id, type: "message-send", sessionId: session, data: { text: "hi" } });

describe("commands beyond the limit", () => {
  it("are told when the next may come, and then it may, on the same connection", async () => {
    const harness = await serve({ commands: { perSecond: 4, burst: 2 } });
    const client = await harness.signedIn();
    expect([await codeOf(client, ping("a")), await codeOf(client, ping("b"))]).toEqual(["ok", "ok"]);
    const refused = { code: "rate_limited", message: "Too many commands at once. Wait a moment.", retryable: true };
    expect(await codeOf(client, ping("c"))).toEqual({ ...refused, retryAfterMs: 250 });
    now += 125;
    expect(await codeOf(client, ping("d"))).toEqual({ ...refused, retryAfterMs: 125 });
    now += 125;
    expect(await codeOf(client, ping("e"))).toBe("ok");
    expect(harness.engine.carriedOut).toEqual([]);
  });

  it("of one user count over all their connections, and not for others", async () => {
    const harness = await serve({ userCommands: { perSecond: 1, burst: 3 } });
    const [one, two] = [await harness.signedIn(), await harness.signedIn()];
    harness.admission = () => bob;
    const other = await harness.signedIn();
    expect([await codeOf(one, ping("a")), await codeOf(two, ping("b")), await codeOf(one, ping("c"))]).toEqual([
      "ok",
      "ok",
      "ok",
    ]);
    expect(await codeOf(two, ping("d"))).toMatchObject({ code: "rate_limited", retryAfterMs: 1000 });
    expect(await codeOf(other, ping("e"))).toBe("ok");
  });

  it("are fewer where they start work, and what is refused starts none", async () => {
    const harness = await serve({ userMessages: { perSecond: 0.5, burst: 2 } });
    const [one, two] = [await harness.signedIn(), await harness.signedIn()];
    expect([await codeOf(one, message("m1")), await codeOf(two, message("m2"))]).toEqual(["ok", "ok"]);
    expect(await codeOf(one, message("m3"))).toEqual({
      code: "rate_limited",
      message: "Too many messages at once. Wait a moment.",
      retryable: true,
      retryAfterMs: 2000,
    });
    expect(await codeOf(one, { id: "l", type: "message-list", sessionId: session })).toBe("ok");
    expect(harness.engine.carriedOut).toEqual(["m1", "m2", "l"]);
    now += 2000;
    expect(await codeOf(one, message("m4"))).toBe("ok");
  });
});

describe("connections beyond the limit", () => {
  it("of one user are refused before the upgrade, until one closes", async () => {
    const harness = await serve({ socketsPerUser: 2 });
    const [one] = [await harness.signedIn(), await harness.signedIn()];
    const answer = await readToEnd(harness.rawUpgrade());
    expect(answer).toMatch(/^HTTP\/1\.1 429 Too Many Requests\r\n/);
    expect(answer).toContain("\r\nRetry-After: 60\r\n");
    expect(harness.gateway.connections).toBe(2);
    harness.admission = () => bob;
    await harness.signedIn();
    harness.admission = () => ({ ...bob, user: { ...bob.user, id: "u1" } });
    one.socket.terminate();
    await expect.poll(() => harness.gateway.connections).toBe(2);
    await harness.signedIn();
  });

  it("made too fast are refused, and told when the next may come", async () => {
    const harness = await serve({ userConnects: { perSecond: 0.1, burst: 2 } });
    for (let n = 0; n < 2; n += 1) (await harness.signedIn()).socket.terminate();
    expect(await readToEnd(harness.rawUpgrade())).toContain("\r\nRetry-After: 10\r\n");
    now += 10_000;
    await harness.signedIn();
  });

  it("are counted for no more than the upgrades that were begun", async () => {
    const harness = await serve({ socketsPerUser: 1 });
    for (let n = 0; n < 5; n += 1) {
      const broken = harness.rawUpgrade("Sec-WebSocket-Key: again\r\n");
      expect(await readToEnd(broken)).toMatch(/^HTTP\/1\.1 400 /);
    }
    await harness.signedIn();
  });

  it("of a page that signs in with its first frame are closed with 1013, and it may come again", async () => {
    const harness = await serve({ socketsPerUser: 1 });
    await harness.signedIn();
    const scope = { sessionId: session, mayApprove: false, expiresAt: now + 60_000 };
    const known = { user: { id: "u1", tenant: "t1", name: "Owner", metadata: {} }, scope };
    harness.admission = () => ({ status: "unidentified", identify: () => Promise.resolve(known) });
    const page = await harness.signedIn();
    page.send({ id: "in", type: "authenticate", data: { token: "good" } });
    expect(await page.closed()).toBe(1013);
    expect(harness.gateway.connections).toBe(1);
  });

  it("without credentials are refused by the address they come from", async () => {
    const harness = await serve({ guestConnects: { perSecond: 1, burst: 2 } });
    const known = harness.admission;
    harness.admission = () => ({ status: "unidentified", identify: () => Promise.resolve(null) });
    await harness.signedIn();
    await harness.signedIn();
    expect(await readToEnd(harness.rawUpgrade())).toMatch(/^HTTP\/1\.1 429 /);
    harness.admission = known;
    await harness.signedIn();
  });
});
