import type { ConformanceCase } from "./language-model-conformance.ts";
import { auditChecks } from "./store-conformance/audit-checks.ts";
import { forwardedChecks } from "./store-conformance/forwarded-checks.ts";
import { listChecks } from "./store-conformance/list-checks.ts";
import { logChecks } from "./store-conformance/log-checks.ts";
import { ownershipChecks } from "./store-conformance/ownership-checks.ts";
import { payloadChecks } from "./store-conformance/payload-checks.ts";
import { recordChecks } from "./store-conformance/record-checks.ts";
import { refusalChecks } from "./store-conformance/refusal-checks.ts";
import { trimChecks } from "./store-conformance/trim-checks.ts";
import { openScene, type StoreUnderTest } from "./store-conformance/scene.ts";

export type { StoreUnderTest } from "./store-conformance/scene.ts";

const checks = {
  ...logChecks,
  ...refusalChecks,
  ...recordChecks,
  ...listChecks,
  ...ownershipChecks,
  ...forwardedChecks,
  ...payloadChecks,
  ...trimChecks,
  ...auditChecks,
};

/**
 * What every Store must do, as cases for any test runner. Each case opens and disposes; since it works with users and sessions of its own,
 * `open` may hand out one store again and again.
 */
export function storeConformance(name: string, open: () => Promise<StoreUnderTest>): readonly ConformanceCase[] {
  return Object.entries(checks).map(([title, check]) => ({
    title: `${name} ${title}`,
    run: async () => {
      const tested = await open();
      try {
        await check(await openScene(tested));
      } finally {
        await tested.dispose();
      }
    },
  }));
}
