import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openInMemoryCluster } from "../../persistence/in-memory/index.ts";
import { Broadcast } from "./broadcast.ts";
import type { OpenPart } from "./channel.ts";
import { readTold } from "./told.ts";

const pace = 40;
const { cache } = openInMemoryCluster();

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** One part, and the bus on which others hear of it: so many other nodes listen. */
function scene(elsewhere: number) {
  const said: { readonly at: number; readonly text: string; readonly kept: boolean }[] = [];
  const others = { elsewhere };
  let now = 0;
  const broadcast = new Broadcast({
    nodeId: "one",
    cache,
    bus: {
      ...openInMemoryCluster().bus,
      publish: (_, message, reached) => {
        const told = readTold(message, "another");
        const [text] = told?.texts ?? [];
        said.push({
          at: now,
          text: text?.text ?? JSON.stringify(told?.progress.map(({ data }) => data)),
          kept: text?.kept === true,
        });
        reached?.(others.elsewhere);
      },
    },
  });
  const part: OpenPart = { partId: "p", local: true, opened: 1, text: "", shown: 0 };
  const write = (text: string): void => {
    part.text += text;
    part.shown += text.length;
    broadcast.text("s", part, text);
  };
  const passPaces = (count: number, each: () => void = () => undefined): void => {
    for (let passed = 0; passed < count; passed += 1) {
      each();
      now += pace;
      vi.advanceTimersByTime(pace);
    }
  };
  return { broadcast, said, others, write, passPaces };
}

describe("text that is broadcast", () => {
  it("is said at its pace while somebody listens at another node, and kept every sixth time", () => {
    const { said, write, passPaces } = scene(1);
    passPaces(12, () => write("a"));
    expect(said.map(({ text }) => text)).toEqual(Array.from({ length: 12 }, () => "a"));
    expect(said.flatMap(({ at, kept }) => (kept ? at / pace : []))).toEqual([6, 12]);
  });

  it("is said only when it is kept while nobody does, whole, and at its pace again once somebody does", () => {
    const { said, others, write, passPaces } = scene(0);
    passPaces(18, () => write("a"));
    expect(said.map(({ at, text }) => [at / pace, text])).toEqual([
      [1, "a"],
      [6, "aaaaa"],
      [12, "aaaaaa"],
      [18, "aaaaaa"],
    ]);
    others.elsewhere = 1;
    passPaces(8, () => write("b"));
    expect(said.slice(4).map(({ at, text }) => [at / pace, text])).toEqual([
      [24, "bbbbbb"],
      [25, "b"],
      [26, "b"],
    ]);
  });

  it("ends with the last that was written, whether or not more comes", () => {
    const { said, write, passPaces } = scene(0);
    write("a");
    passPaces(1);
    write("b");
    passPaces(20);
    expect(said.map(({ text }) => text)).toEqual(["a", "b"]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

it("what a todo tells while it runs is said to those who begin to listen, its newest", () => {
  const { broadcast, said, others, passPaces } = scene(0);
  const tell = (data: string): void =>
    broadcast.progress({ v: 1, type: "progress", sessionId: "s", runId: "r", todoId: "t1", data });
  let count = 0;
  passPaces(7, () => tell(`${++count}`));
  others.elsewhere = 1;
  passPaces(7, () => tell(`${++count}`));
  expect(said.at(-1)?.text).toBe('["14"]');
  expect(vi.getTimerCount()).toBe(0);
});
