import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What Node is given to run a program: `node ...execArgv file`. */
export interface Program {
  readonly execArgv: readonly string[];
  readonly file: string;
}

/**
 * A module as a program of its own. Where all was built before the tests, as `npm test` does, it runs on what was
 * built: that is what is shipped, and it starts in half the time.
 */
export function programOf(source: URL): Program {
  const file = fileURLToPath(source);
  if (!file.endsWith(".ts")) return { execArgv: [], file };
  const loader = ["--import", import.meta.resolve("tsx")];
  // oxlint-disable-next-line node/no-process-env -- said by the test command to all its tests
  if (process.env["ORQUESTRA_TEST_BUILT"] !== "1") return { execArgv: ["--conditions=@orquestra/source", ...loader], file };
  const built = file.replace(/(\/(?:packages|apps)\/[^/]+)\/src\/(.+)\.ts$/, "$1/dist/$2.js");
  return built !== file && existsSync(built) ? { execArgv: [], file: built } : { execArgv: loader, file };
}
