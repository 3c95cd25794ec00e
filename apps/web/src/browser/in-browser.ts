import { afterAll, afterEach, beforeAll, describe } from "vitest";
import { browserThere } from "./chromium.ts";
import { Harness } from "./harness.ts";

export type BrowserHarness = Pick<Harness, "open" | "serve" | "visit" | "clear">;

/** A suite in a real browser: skipped where there is none, which is said. Its harness works from the tests on, not before. */
export function inBrowser(title: string, suite: (harness: BrowserHarness) => void): void {
  describe.skipIf(!browserThere())(title, () => {
    let harness: Harness;
    beforeAll(async () => {
      harness = await Harness.start();
    }, 60_000);
    afterEach(() => harness.clear());
    afterAll(() => harness.close());
    suite({
      open: (opening) => harness.open(opening),
      serve: (scripts, own) => harness.serve(scripts, own),
      clear: () => harness.clear(),
      visit: (server, sessionId, options, prepare) => harness.visit(server, sessionId, options, prepare),
    });
  });
}
