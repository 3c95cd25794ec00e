import { afterEach, describe, expect, it, vi } from "vitest";
import { openInMemoryStore } from "../../persistence/in-memory/index.ts";
import { type Store, StoreError } from "../../persistence/index.ts";
import { type EngineHarness, type HarnessOptions, ada, startEngine } from "../engine-harness.ts";
import { scriptedModel } from "../scripted-model.ts";
import { handClock } from "./scene.fixture.ts";

const hour = 60 * 60_000;
const week = 7 * 24 * hour;
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function start(options: Omit<HarnessOptions, "model">): Promise<EngineHarness> {
  const harness = await startEngine({ model: scriptedModel([]), ...options });
  closers.push(() => harness.close());
  return harness;
}

const create = (harness: EngineHarness, id: string) => harness.command("session-create", {}, { id });
const isKept = async (store: Store, id: string): Promise<boolean> => (await store.commands.get(ada.id, id)) !== null;

describe("a repeated command", () => {
  it("is known for seven days, also to the next process, and then forgotten", async () => {
    const [store, clock] = [openInMemoryStore(), handClock()];
    const first = await start({ store, clock });
    const reply = await create(first, "the same");
    await first.close();
    clock.turn(week);
    const second = await start({ store, clock });
    expect(await create(second, "the same")).toEqual(reply);
    await second.close();
    clock.turn(1);
    const third = await start({ store, clock });
    await expect.poll(() => isKept(store, "the same")).toBe(false);
    expect(await create(third, "the same")).not.toEqual(reply);
  });

  it("is forgotten by a server that is never restarted, which a failure does not end", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    closers.push(() => vi.useRealTimers());
    const clock = handClock();
    const inner = openInMemoryStore();
    let failures = 1;
    const trim = (before: string): Promise<number> =>
      failures-- > 0 ? Promise.reject(new StoreError("unavailable", "Away.")) : inner.commands.trim(before);
    const store = { ...inner, commands: { ...inner.commands, trim } };
    const warn = vi.fn();
    const harness = await start({ store, clock, log: { warn } });
    await create(harness, "old");
    clock.turn(week + 1);
    await create(harness, "young");
    vi.advanceTimersByTime(hour);
    await expect.poll(() => isKept(store, "old")).toBe(false);
    expect(await isKept(store, "young")).toBe(true);
    expect(warn.mock.calls).toEqual([[{ error: "Away." }, "old commands could not be forgotten"]]);
    await harness.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
