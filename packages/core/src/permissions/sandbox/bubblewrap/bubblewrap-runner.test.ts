import { expect, test } from "vitest";
import { commandConformance } from "../../../testing/command-conformance.ts";
import { findBubblewrap, startSandbox } from "../../../testing/services/sandbox.ts";

const programs = await findBubblewrap();
if (programs === null) console.warn("SKIPPED, commands in bubblewrap. It was not found: install the package bubblewrap.");

test.runIf(process.env["CI"] === "true")("bubblewrap is there in CI", () => {
  expect(programs).not.toBeNull();
});

if (programs !== null)
  for (const { title, run } of commandConformance("the bubblewrap runner", () => startSandbox({ programs }))) test(title, run);
