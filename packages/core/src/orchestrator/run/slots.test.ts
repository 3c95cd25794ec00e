import { setImmediate as later } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type AnyTool, defineTool } from "../../tools/index.ts";
import { type Release, Slots } from "./slots.ts";

function tool(name: string, concurrency?: number): AnyTool {
  return defineTool({
    name,
    description: "Does nothing.",
    input: z.object({}),
    output: z.null(),
    effects: ["read"],
    critical: [],
    integrity: "system",
    idempotent: true,
    undoable: false,
    timeoutMs: 1000,
    ...(concurrency === undefined ? {} : { concurrency }),
    run: () => Promise.resolve(null),
  });
}

/** A run that wants so many places for each tool, and takes what it gets. */
function wanting(slots: Slots, wants: ReadonlyMap<AnyTool, number>) {
  const left = new Map(wants);
  const held: { readonly tool: AnyTool; readonly release: Release }[] = [];
  const takeAll = (): void => {
    for (const [wanted, count] of left) {
      const release = count > 0 ? seat.take(wanted) : null;
      if (release === null) continue;
      left.set(wanted, count - 1);
      held.push({ tool: wanted, release });
      return takeAll();
    }
    seat.settle();
  };
  const seat = slots.seat(takeAll);
  takeAll();
  const end = (): void => {
    held.shift()?.release();
    takeAll();
  };
  const giveUp = (): void => {
    left.clear();
    takeAll();
  };
  return { held, end, giveUp };
}

describe("the places for tools", () => {
  it("are never more than the limit, and go round when many want them", async () => {
    const read = tool("read");
    const slots = new Slots(2);
    const [greedy, modest] = [wanting(slots, new Map([[read, 200]])), wanting(slots, new Map([[read, 2]]))];
    expect([greedy.held.length, modest.held.length]).toEqual([2, 0]);
    const seen: string[] = [];
    for (const one of [greedy, greedy, greedy, modest, modest]) {
      one.end();
      await later();
      seen.push(`${greedy.held.length} ${modest.held.length}`);
    }
    // Who waited first is first, once.
    expect(seen).toEqual(["2 0", "1 1", "1 1", "1 1", "2 0"]);
  });

  it("of a tool with a limit do not keep others from running", async () => {
    const [narrow, wide] = [tool("narrow", 1), tool("wide")];
    const slots = new Slots(10);
    const first = wanting(slots, new Map([[narrow, 3]]));
    const second = wanting(
      slots,
      new Map([
        [narrow, 1],
        [wide, 2],
      ]),
    );
    expect(first.held.length).toBe(1);
    expect(second.held.map((one) => one.tool.name)).toEqual(["wide", "wide"]);
    for (const end of [first.end, first.end]) {
      end();
      await later();
    }
    expect(second.held.map((one) => one.tool.name)).toEqual(["wide", "wide", "narrow"]);
  });

  it("are not kept for one that wants none any more", async () => {
    const read = tool("read");
    const slots = new Slots(1);
    const [first, second, third] = [1, 1, 1].map((count) => wanting(slots, new Map([[read, count]])));
    second?.giveUp();
    first?.end();
    await later();
    expect(third?.held.length).toBe(1);
  });
});
