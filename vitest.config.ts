import { defineConfig } from "vitest/config";

export default defineConfig({
  ssr: { resolve: { conditions: ["@orquestra/source", "module", "node", "development|production"] } },
  resolve: { conditions: ["@orquestra/source", "module", "browser", "development|production"] },
  test: {
    include: [
      "packages/*/src/**/*.test.{ts,tsx}",
      "apps/*/src/**/*.test.ts",
      "{bench,eval,chaos}/src/**/*.test.ts",
      "examples/**/*.test.ts",
      "architecture/**/*.test.ts",
    ],
    exclude: ["**/node_modules/**", "**/dist/**", "bench/peers/**"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    maxWorkers: 2,
  },
});
