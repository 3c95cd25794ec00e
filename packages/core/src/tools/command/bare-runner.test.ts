import { test } from "vitest";
import { commandConformance } from "../../testing/command-conformance.ts";
import { bareRunner } from "./bare-runner.ts";

for (const { title, run } of commandConformance("the bare runner", async () => ({
  runner: bareRunner(),
  close: async () => undefined,
})))
  test(title, run);
