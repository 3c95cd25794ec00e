import { defineConfig } from "vitest/config";

/** Those that put other modules in the place of some: nobody else may meet these. */
const replacing = ["packages/core/src/testing/gullible/mutants.test.ts"];
const never = ["**/node_modules/**", "**/dist/**", "bench/peers/**"];

export default defineConfig({
  ssr: { resolve: { conditions: ["@orquestra/source", "module", "node", "development|production"] } },
  resolve: { conditions: ["@orquestra/source", "module", "browser", "development|production"] },
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: "all",
          include: [
            "packages/*/src/**/*.test.{ts,tsx}",
            "apps/*/src/**/*.test.ts",
            "{bench,eval,chaos}/src/**/*.test.ts",
            "examples/**/*.test.ts",
            "architecture/**/*.test.ts",
          ],
          exclude: [...never, ...replacing],
          // Loading every module anew for each file took a fifth of the whole time. Each test puts back what it changes.
          isolate: false,
        },
      },
      { extends: true, test: { name: "replacing", include: replacing, exclude: never } },
    ],
  },
});
