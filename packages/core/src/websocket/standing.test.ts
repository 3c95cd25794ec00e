import { afterEach, describe, expect, it, vi } from "vitest";
import { newGate } from "./engine-double.ts";
import { Harness, type TestClient, session } from "./gateway-harness.ts";
import type { Admission } from "./index.ts";

const user = { id: "u1", tenant: "t1", name: "Ada", metadata: {} };

/** A gateway whose users stay for as long as `good` says, with a clock that stands still. */
class Stage {
  now = Date.parse("2026-01-01T00:00:00.000Z");
  good = true;
  looks = 0;
  /** A look waits for it before it is answered; what it says was so when it was asked. */
  slowly: Promise<void> = Promise.resolve();
  readonly harness = new Harness({}, { now: () => this.now });

  admission(userId = user.id): Admission & { readonly status: "admitted" } {
    const stands = async (): Promise<boolean> => {
      const { good } = this;
      this.looks += 1;
      await this.slowly;
      return good;
    };
    return { status: "admitted", user: { ...user, id: userId }, scope: null, stands };
  }

  async start(): Promise<TestClient> {
    this.harness.admission = () => this.admission();
    await this.harness.listen();
    return this.harness.attached(0);
  }
}

let stage: Stage;
afterEach(() => stage.harness.stop());

describe("what was taken back", () => {
  it("ends what it opened at once, and nothing that comes after it is carried out", async () => {
    stage = new Stage();
    const client = await stage.start();
    const gate = newGate();
    stage.slowly = gate.opened;
    stage.good = false;
    stage.harness.gateway.lookAgain("u1");
    client.send({ id: "late", type: "message-send", sessionId: session, data: { text: "Go." } });
    client.socket.ping();
    await new Promise((resolve) => client.socket.once("pong", resolve));
    expect(stage.harness.engine.carriedOut).toEqual([]);
    gate.open();
    expect(await client.closed()).toBe(4001);
    expect(stage.harness.engine.carriedOut).toEqual([]);
    expect(stage.harness.engine.listeners(session)).toBe(0);
  });

  it("does not count on an answer that was on its way before", async () => {
    stage = new Stage();
    const client = await stage.start();
    const gate = newGate();
    stage.slowly = gate.opened;
    stage.harness.gateway.lookAgain("u1");
    stage.good = false;
    stage.harness.gateway.lookAgain("u1");
    client.send({ id: "late", type: "session-list", data: {} });
    gate.open();
    expect(await client.closed()).toBe(4001);
    expect(stage.harness.engine.carriedOut).toEqual([]);
  });

  it("is found out where nobody said so: before a command, when somebody was not looked at for two seconds", async () => {
    stage = new Stage();
    const client = await stage.start();
    stage.good = false;
    stage.now += 1_999;
    client.send({ id: "soon", type: "session-list", data: {} });
    expect(await client.reply("soon")).toMatchObject({ ok: true });
    stage.now += 1;
    client.send({ id: "late", type: "session-list", data: {} });
    expect(await client.closed()).toBe(4001);
    expect(stage.harness.engine.carriedOut).toEqual(["soon"]);
  });

  it("ends who was on their way in meanwhile", async () => {
    stage = new Stage();
    const first = await stage.start();
    const gate = newGate();
    let knocked: () => void = () => undefined;
    const atDoor = new Promise<void>((resolve) => (knocked = resolve));
    vi.spyOn(stage.harness, "admitAfter", "get").mockImplementation(() => (knocked(), gate.opened));
    const second = stage.harness.client();
    await atDoor;
    stage.good = false;
    stage.harness.gateway.lookAgain("u1");
    gate.open();
    expect(await Promise.all([first.closed(), second.closed()])).toEqual([4001, 4001]);
  });

  it("costs the others nothing", async () => {
    stage = new Stage();
    await stage.start();
    stage.harness.admission = () => stage.admission("u2");
    const other = await stage.harness.signedIn();
    stage.harness.gateway.lookAgain("u3");
    other.send({ id: "c1", type: "session-list", data: {} });
    expect(await other.reply("c1")).toMatchObject({ ok: true });
    expect(stage.looks).toBe(0);
  });

  it("may be anybody's: then all are looked at, and no command goes before", async () => {
    stage = new Stage();
    const clients = [await stage.start(), await stage.harness.signedIn()];
    stage.good = false;
    stage.harness.gateway.lookAgain(null);
    for (const client of clients) client.send({ id: "late", type: "session-list", data: {} });
    for (const client of clients) expect(await client.closed()).toBe(4001);
    expect(stage.harness.engine.carriedOut).toEqual([]);
  });
});

describe("an end that was known from the start", () => {
  it.each([{ left: 30 }, { left: 0 }])("comes when it is there: $left ms", async ({ left }) => {
    stage = new Stage();
    stage.harness.admission = () => ({ ...stage.admission(), expiresAt: stage.now + left });
    await stage.harness.listen();
    expect(await stage.harness.client().closed()).toBe(4001);
  });

  it("is not there yet because it is further away than a timer can wait", async () => {
    stage = new Stage();
    stage.harness.admission = () => ({ ...stage.admission(), expiresAt: stage.now + 2 ** 31 });
    await stage.harness.listen();
    const client = await stage.harness.signedIn();
    client.send({ id: "c1", type: "session-list", data: {} });
    expect(await client.reply("c1")).toMatchObject({ ok: true });
  });
});
