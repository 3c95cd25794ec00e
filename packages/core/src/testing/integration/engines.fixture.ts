import { afterAll, afterEach } from "vitest";
import { type EngineHarness, type HarnessOptions, startEngine } from "../engine-harness.ts";
import { type ProjectFolder, projectFolder } from "./scene.fixture.ts";

/** Engines on a folder of this file's own. Each is closed after its test, the last first, with all that was to close with it. */
export interface Engines {
  readonly folder: ProjectFolder;
  readonly closers: (() => unknown)[];
  readonly start: (options: HarnessOptions) => Promise<EngineHarness>;
}

export function engines(): Engines {
  const folder = projectFolder();
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close();
  });
  afterAll(() => folder.remove());
  return {
    folder,
    closers,
    start: async (options) => {
      const harness = await startEngine({ workspaces: folder.workspaces, ...options });
      closers.push(() => harness.close());
      return harness;
    },
  };
}
