import { describe, expect, it } from "vitest";
import { benchesNamed } from "./benches.ts";
import { parseCall } from "./options.ts";

describe("npm run bench", () => {
  it("runs all benches when none is named, and those that are named in that order", () => {
    expect(benchesNamed([]).map(({ name }) => name)).toEqual([
      "makespan",
      "overhead",
      "decode",
      "durable",
      "sessions",
      "idle",
      "nodes",
      "gate",
      "sandbox",
      "gullible",
    ]);
    expect(benchesNamed(["decode", "makespan"]).map(({ name }) => name)).toEqual(["decode", "makespan"]);
  });

  it("says of a bench that the contract names that it comes later, and lists what there is for an unknown one", () => {
    expect(() => benchesNamed(["memory"])).toThrow(/memory comes with a later version\. There are:\n {2}makespan/);
    expect(() => benchesNamed(["speed"])).toThrow(/There is no bench speed\. There are:\n {2}makespan/);
  });

  it("takes names and options in any order, and refuses what it does not know", () => {
    expect(parseCall(["--rounds", "2", "decode", "--peers"])).toMatchObject({
      names: ["decode"],
      options: { rounds: 2, peers: true, scale: 1, "model-wire": "chat" },
    });
    expect(() => parseCall(["--speed", "2"])).toThrow(/--speed/);
    expect(() => parseCall(["--rounds", "none"])).toThrow(/rounds/);
    expect(() => parseCall(["--model-wire", "telex"])).toThrow(/model-wire/);
  });
});
