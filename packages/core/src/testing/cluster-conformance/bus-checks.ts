import assert from "node:assert/strict";
import type { ClusterCheck } from "./queue-checks.ts";
import { eventually } from "./scene.ts";

export const numbers = Array.from({ length: 500 }, (_, index) => `${index}`);

export const busChecks: { readonly [title: string]: ClusterCheck } = {
  "lets all listeners of a channel hear in order, the sender too": async ({ bus }) => {
    const heard: [string[], string[], string[]] = [[], [], []];
    await bus.subscribe("numbers", (message) => heard[0].push(message));
    await bus.subscribe("numbers", (message) => heard[1].push(message));
    await bus.subscribe("others", (message) => heard[2].push(message));
    for (const number of numbers) bus.publish("numbers", number);
    bus.publish("others", "ä\u0000\n☂");
    await eventually("the last was heard", () => heard[2].length === 1);
    assert.deepEqual(heard, [numbers, numbers, ["ä\u0000\n☂"]]);
  },
  "keeps the order when a listener answers": async ({ bus }) => {
    const heard: string[] = [];
    await bus.subscribe("talk", (message) => message === "question" && bus.publish("talk", "answer"));
    await bus.subscribe("talk", (message) => heard.push(message));
    bus.publish("talk", "question");
    await eventually("both were heard", () => heard.length === 2);
    assert.deepEqual(heard, ["question", "answer"]);
  },
  "lets who left hear no more, and the others go on": async ({ bus }) => {
    const heard: string[] = [];
    const listener = (message: string): void => {
      heard.push(message);
    };
    const leaveFirst = await bus.subscribe("talk", listener);
    const leaveSecond = await bus.subscribe("talk", listener);
    bus.publish("talk", "both");
    await eventually("both heard it", () => heard.length === 2);
    leaveFirst();
    leaveFirst();
    bus.publish("talk", "one");
    await eventually("one heard it", () => heard.length === 3);
    leaveSecond();
    await bus.subscribe("end", listener);
    bus.publish("talk", "nobody");
    bus.publish("end", "end");
    await eventually("the end was heard", () => heard.length === 4);
    assert.deepEqual(heard, ["both", "both", "one", "end"]);
  },
  "hears again when somebody comes back to a channel": async ({ bus }) => {
    const heard: string[] = [];
    for (const message of ["a", "b", "c"]) {
      const leave = await bus.subscribe("talk", (text) => heard.push(text));
      bus.publish("talk", message);
      await eventually("it was heard", () => heard.at(-1) === message);
      leave();
    }
    assert.deepEqual(heard, ["a", "b", "c"]);
  },
  "reaches nobody elsewhere where only this node listens": async ({ bus }) => {
    const reached: number[] = [];
    await bus.subscribe("talk", () => undefined);
    for (const channel of ["talk", "nobody"]) bus.publish(channel, "hello", (elsewhere) => reached.push(elsewhere));
    await eventually("both are known", () => reached.length === 2);
    assert.deepEqual(reached, [0, 0]);
  },
  "may be told of gaps, and not any more": async ({ bus }) => {
    const leave = bus.onGap(() => assert.fail("there was no gap"));
    leave();
  },
};
