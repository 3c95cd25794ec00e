import { vi } from "vitest";
import type { Call, CliHarness, Outcome } from "./cli-harness.ts";
import { main } from "./main.ts";

/**
 * What a command line says, and ends with, in this process: for whatever is not about the process itself, which takes a second
 * to start. One at a time.
 */
export async function callHere(
  cli: CliHarness,
  args: readonly string[],
  { cwd = cli.project, env = {} }: Call = {},
): Promise<Outcome> {
  const outside = process.env;
  const said = { stdout: "", stderr: "" };
  const spies = [
    vi.spyOn(process, "cwd").mockReturnValue(cwd),
    ...(["stdout", "stderr"] as const).map((stream) =>
      vi.spyOn(process[stream], "write").mockImplementation((text) => {
        said[stream] += String(text);
        return true;
      }),
    ),
  ];
  process.env = { HOME: cli.home, PATH: outside["PATH"] ?? "", ...env };
  try {
    return { code: await main(args), ...said };
  } finally {
    process.env = outside;
    for (const spy of spies) spy.mockRestore();
  }
}
