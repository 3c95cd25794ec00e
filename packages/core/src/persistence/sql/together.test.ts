import { describe, expect, it } from "vitest";
import { deferred } from "../../testing/engine-harness.ts";
import { StoreError } from "../store-error.ts";
import { Together } from "./together.ts";

const everything = () => () => true;
const fate = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

/** Doubles numbers in groups, and notes them. */
function doubling(
  options: { readonly lanes?: number; readonly chooser?: () => (work: number) => boolean; readonly fails?: Error } = {},
) {
  const groups: (readonly number[])[] = [];
  const gates: ReturnType<typeof deferred>[] = [];
  const together = new Together<number, number>({
    lanes: options.lanes ?? 1,
    chooser: options.chooser ?? everything,
    carryOut: async (group) => {
      groups.push(group);
      await gates[groups.length - 1]?.promise;
      if (options.fails !== undefined && group.includes(0)) throw options.fails;
      return group.map((number) => 2 * number);
    },
  });
  return { together, groups, gates };
}

describe("work that is carried out together", () => {
  it("is what comes in one turn, and what comes while all lanes are busy", async () => {
    const { together, groups, gates } = doubling();
    const gate = deferred();
    gates.push(gate);
    const first = [1, 2].map((number) => together.add(number));
    await expect.poll(() => groups).toEqual([[1, 2]]);
    const later = [3, 4].map((number) => together.add(number));
    gate.resolve();
    expect(await Promise.all([...first, ...later])).toEqual([2, 4, 6, 8]);
    expect(groups).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it("goes side by side as far as there are lanes, in the order it came", async () => {
    const two = () => {
      let left = 2;
      return () => left-- > 0;
    };
    const { together, groups, gates } = doubling({ lanes: 2, chooser: two });
    const blocked = deferred();
    gates.push(blocked, blocked);
    const all = Promise.all([1, 2, 3, 4, 5].map((number) => together.add(number)));
    await expect
      .poll(() => groups)
      .toEqual([
        [1, 2],
        [3, 4],
      ]);
    blocked.resolve();
    expect(await all).toEqual([2, 4, 6, 8, 10]);
    expect(groups.at(-1)).toEqual([5]);
  });

  it("fails alone where it is at fault", async () => {
    const fails = new Error("no");
    const { together, groups } = doubling({ fails });
    const fates = [1, 2, 0, 3].map((number) => fate(together.add(number)));
    expect(await Promise.all(fates)).toEqual([2, 4, fails, 6]);
    expect(groups).toEqual([[1, 2, 0, 3], [1, 2], [0, 3], [0], [3]]);
  });

  it("fails as a whole, and at once, when the database is away", async () => {
    const fails = new StoreError("unavailable", "Away.");
    const { together, groups } = doubling({ fails });
    expect(await Promise.all([fate(together.add(0)), fate(together.add(1))])).toEqual([fails, fails]);
    expect(groups).toEqual([[0, 1]]);
  });

  it("is finished when it is closed, and nothing is begun any more", async () => {
    const { together } = doubling();
    const last = together.add(1);
    await Promise.all([together.close(), together.close()]);
    expect(await last).toBe(2);
    await expect(together.add(2)).rejects.toMatchObject({ code: "unavailable" });
  });
});
