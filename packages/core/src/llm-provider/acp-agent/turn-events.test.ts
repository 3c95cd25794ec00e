import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ModelPart } from "../language-model.ts";
import { TurnEvents } from "./acp/turn-events.ts";
import { environment } from "./agents.fixture.ts";
import { Mailbox, type News } from "./mailbox.ts";

const program = {
  name: "Parrot",
  command: "parrot",
  args: () => [],
  environment,
  advice: { missing: "Install it.", signIn: "Sign in." },
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe("waiting for an agent", () => {
  it("begins anew with every sign of life, whatever it says", async () => {
    const mailbox = new Mailbox<ModelPart>();
    const events = new TurnEvents(program, mailbox);
    let news: News<ModelPart> | null = null;
    const waiting = mailbox.take(1000, new AbortController().signal).then((came) => (news = came));
    for (let times = 0; times < 5; times++) {
      await vi.advanceTimersByTimeAsync(900);
      expect(news).toBeNull();
      events.update({ update: { sessionUpdate: "tool_call_update", status: "in_progress" } });
    }
    await vi.advanceTimersByTimeAsync(1000);
    expect(await waiting).toEqual({ status: "silent" });
  });

  it("lets an agent that talks faster than it is heard wait", async () => {
    const mailbox = new Mailbox<number>();
    mailbox.put(...Array.from({ length: 999 }, (_, index) => index));
    await mailbox.room();
    mailbox.put(999);
    let room = false;
    const waiting = mailbox.room().then(() => (room = true));
    await vi.advanceTimersByTimeAsync(0);
    expect(room).toBe(false);
    await mailbox.take(1000, new AbortController().signal);
    expect(await waiting).toBe(true);
  });

  it("gives all that came meanwhile at once, and prefers the news that nobody wants it any more", async () => {
    const mailbox = new Mailbox<number>();
    const stop = new AbortController();
    mailbox.put(1, 2);
    mailbox.put(3);
    expect(await mailbox.take(1000, stop.signal)).toEqual({ status: "items", items: [1, 2, 3] });
    const waiting = mailbox.take(1000, stop.signal);
    stop.abort();
    mailbox.put(4);
    expect(await waiting).toEqual({ status: "aborted" });
  });
});
