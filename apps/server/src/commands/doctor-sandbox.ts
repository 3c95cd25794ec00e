import type { Config } from "../config.ts";
import { openSandbox } from "../sandbox.ts";
import type { Finding } from "./doctor-models.ts";

/** What commands run in, and a line for each way out that was tried. Without a sandbox every command asks: that is no failure. */
export async function sandbox(config: Config): Promise<readonly Finding[]> {
  const topic = "sandbox";
  const { runner, summary, attempts } = await openSandbox(config);
  const tried = attempts.map(
    ({ name, held }) =>
      ({ topic: "", state: held ? "ok" : "broken", text: `a command could ${held ? "not " : ""}${name}` }) as const,
  );
  return [{ topic, state: runner.kind === "none" ? "missing" : "ok", text: summary }, ...tried];
}
