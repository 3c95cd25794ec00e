import { existsSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { said } from "../../testing/index.ts";
import { type CursorOnStage, cursorOnStage, endOf, partsOf, textOf } from "./agents.fixture.ts";

let opened: CursorOnStage | null = null;

async function open(...args: Parameters<typeof cursorOnStage>): Promise<CursorOnStage> {
  opened = await cursorOnStage(...args);
  return opened;
}

afterEach(async () => {
  await opened?.close();
  opened = null;
});

/** The methods each process was called with. */
function calls({ standIn }: CursorOnStage): readonly string[] {
  return standIn.processes().map(({ messages }) => messages.map((message) => String(message["method"])).join(" "));
}

const ready = "initialize session/new session/set_mode";
const used = `${ready} session/prompt`;
const hello = { rows: [said("Hello.")] };

describe("agents kept ready", () => {
  it("are started after the first call only; then a call finds one with its session, and each is used once", async () => {
    const stage = await open({ spares: 1 });
    expect(stage.standIn.processes()).toEqual([]);
    stage.standIn.play([hello, hello]);
    await partsOf(stage.model);
    await expect.poll(() => calls(stage)).toEqual([used, ready]);
    expect(textOf(await partsOf(stage.model))).toBe("Hello.");
    await expect.poll(() => calls(stage)).toEqual([used, used, ready]);
    expect(stage.standIn.processes().map(({ alive }) => alive)).toEqual([false, false, true]);
  });

  it("are never more than allowed; who comes later waits in line", async () => {
    const stage = await open({ processes: 2, spares: 1 });
    stage.standIn.play(Array.from({ length: 5 }, () => ({ ...hello, gate: "end" })));
    const turns = Array.from({ length: 5 }, () => partsOf(stage.model));
    await expect.poll(() => calls(stage)).toEqual([used, used]);
    stage.standIn.open("end");
    expect((await Promise.all(turns)).map((parts) => textOf(parts))).toEqual(Array(5).fill("Hello."));
    const crowds = stage.standIn.processes().map(({ crowd }) => crowd);
    expect(crowds.length).toBeGreaterThanOrEqual(5);
    expect(Math.max(...crowds)).toBe(2);
  });

  it("are not waited for any longer when the call is stopped, and others are served", async () => {
    const stage = await open({ processes: 1 });
    stage.standIn.play([{ ...hello, gate: "end" }, hello]);
    const first = partsOf(stage.model);
    await expect.poll(() => calls(stage)).toEqual([used]);
    const stop = new AbortController();
    const second = partsOf(stage.model, stop.signal);
    const third = partsOf(stage.model);
    stop.abort();
    expect(endOf(await second)).toBe("error aborted: The call to Cursor was stopped.");
    stage.standIn.open("end");
    expect((await Promise.all([first, third])).map((parts) => textOf(parts))).toEqual(["Hello.", "Hello."]);
    expect(stage.standIn.processes()).toHaveLength(2);
  });

  it("are waited for where one is just starting", async () => {
    const stage = await open({ spares: 1 });
    const { standIn } = stage;
    standIn.break({ startGate: "first" });
    standIn.play([hello, hello]);
    const first = partsOf(stage.model);
    await expect.poll(() => calls(stage)).toEqual(["initialize"]);
    standIn.break({ startGate: "second" });
    standIn.open("first");
    await first;
    await expect.poll(() => calls(stage)).toEqual([used, "initialize"]);
    const second = partsOf(stage.model);
    standIn.open("second");
    expect(textOf(await second)).toBe("Hello.");
    expect(calls(stage)[1]).toBe(used);
  });

  it("end when they are not used", async () => {
    const stage = await open({ spares: 1, spareMs: 100 });
    stage.standIn.play([hello]);
    await partsOf(stage.model);
    await expect.poll(() => calls(stage)).toEqual([used, ready]);
    await expect.poll(() => stage.standIn.processes().filter(({ alive }) => alive)).toEqual([]);
    expect(stage.standIn.processes()).toHaveLength(2);
  });

  it("that cannot be started are not tried again and again: the next call tells why, and is tried in earnest", async () => {
    const stage = await open({ spares: 1, pauseMs: 60_000 });
    const { standIn, model } = stage;
    standIn.break({ startGate: "first" });
    standIn.play([hello, hello, hello]);
    const first = partsOf(model);
    await expect.poll(() => calls(stage)).toEqual(["initialize"]);
    standIn.break({ notSignedIn: true });
    standIn.open("first");
    expect(textOf(await first)).toBe("Hello.");
    await expect.poll(() => standIn.processes().map(({ alive }) => alive)).toEqual([false, false]);
    expect(endOf(await partsOf(model))).toMatch(/^error auth: Cursor is not signed in/);
    standIn.break({});
    expect(textOf(await partsOf(model))).toBe("Hello.");
    expect(textOf(await partsOf(model))).toBe("Hello.");
    expect(standIn.processes().length, "one for each call, and at most the failed spare").toBeLessThanOrEqual(5);
  });

  it("that die by themselves are not used", async () => {
    const stage = await open({ spares: 1 });
    stage.standIn.play([hello, hello]);
    await partsOf(stage.model);
    await expect.poll(() => calls(stage)).toEqual([used, ready]);
    const spare = stage.standIn.processes()[1];
    process.kill(spare?.pid ?? 0, "SIGKILL");
    await expect.poll(() => existsSync(spare?.folder ?? "")).toBe(false);
    expect(textOf(await partsOf(stage.model))).toBe("Hello.");
  });

  it("make room for another model", async () => {
    const stage = await open({ spares: 1, processes: 1 });
    stage.standIn.play([hello, hello]);
    await partsOf(stage.model);
    await expect.poll(() => calls(stage)).toEqual([used, ready]);
    expect(textOf(await partsOf(stage.provider.model("composer-2.5")))).toBe("Hello.");
    expect(stage.standIn.processes()[2]?.args).toContain("composer-2.5");
    expect(stage.standIn.processes()[1]?.alive).toBe(false);
  });
});

describe("closing the provider", () => {
  it("ends what runs, what waits and what is starting, and starts nothing more", async () => {
    const stage = await open({ spares: 1, processes: 3 });
    const { standIn, model, provider } = stage;
    standIn.break({ ignoresTerm: true, grandchild: true });
    standIn.play([hello, { ...hello, gate: "never" }]);
    await partsOf(model);
    const running = partsOf(model);
    await expect.poll(() => calls(stage)).toEqual([used, used, ready]);
    standIn.break({ startGate: "never", grandchild: true });
    const starting = partsOf(provider.model("composer-2.5"));
    await expect.poll(() => calls(stage).at(-1)).toBe("initialize");
    const waiting = partsOf(provider.model("composer-2.5"));
    await provider.close();
    const all = standIn.processes();
    expect(all.filter(({ alive }) => alive)).toEqual([]);
    expect(all.filter(({ folder }) => existsSync(folder))).toEqual([]);
    await expect.poll(() => all.filter(({ grandchild }) => standIn.isAlive(grandchild))).toEqual([]);
    const ends = (await Promise.all([running, starting, waiting])).map(endOf);
    expect(ends[0]).toMatch(/^error (network|aborted)/);
    expect(ends.slice(1)).toEqual(Array(2).fill("error aborted: Cursor was shut down."));
    expect(endOf(await partsOf(model))).toBe("error aborted: Cursor was shut down.");
    expect(standIn.processes()).toHaveLength(all.length);
  });
});
