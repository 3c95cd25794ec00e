import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { main } from "./main.ts";
import { version } from "./version.ts";

let out: string;
let problems: string;

beforeEach(() => {
  [out, problems] = ["", ""];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    problems += String(text);
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

describe("the command line", () => {
  it("tells its version and what it can do", async () => {
    expect(await main(["--version"])).toBe(0);
    expect(out).toBe(`${version}\n`);
    expect(await main(["run", "--help"])).toBe(0);
    for (const word of ["serve", "open", "run", "sessions", "doctor", "user add", "ORQUESTRA_PORT", "--yes"])
      expect(out).toContain(word);
    expect(problems).toBe("");
  });

  it.each([
    [["dance"], /no command "dance"/],
    [["constructor"], /no command "constructor"/],
    [["serve", "here"], /takes no "here"/],
    [["--nope"], /--nope/],
    [["serve", "--port"], /--port/],
    [["run"], /orquestra run "/],
    [["run", "--json"], /orquestra run "/],
    [["run", "--yes=all", "x"], /--yes takes reads or plan/],
    [["open", "--json"], /--json/],
    [["user"], /user add NAME/],
    [["user", "add"], /user add NAME/],
    [["user", "remove", "Ada"], /user add NAME/],
    [["user", "add", " "], /user add NAME/],
  ])("%j is wrong usage, told in one line", async (args, says) => {
    expect(await main(args)).toBe(2);
    expect(problems).toMatch(says);
    expect(problems).toMatch(/^orquestra: .+\n$/);
    expect(out).toBe("");
  });
});
