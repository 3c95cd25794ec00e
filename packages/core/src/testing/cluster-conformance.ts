import { busChecks } from "./cluster-conformance/bus-checks.ts";
import { cacheChecks } from "./cluster-conformance/cache-checks.ts";
import { nodeChecks } from "./cluster-conformance/node-checks.ts";
import { queueChecks } from "./cluster-conformance/queue-checks.ts";
import type { ClusterUnderTest } from "./cluster-conformance/scene.ts";
import type { ConformanceCase } from "./language-model-conformance.ts";
import type { Cluster } from "../persistence/index.ts";

export type { ClusterUnderTest } from "./cluster-conformance/scene.ts";

const checks = { ...queueChecks, ...busChecks, ...cacheChecks };

/** What every Cluster must do, as cases for any test runner. Each opens one that nobody else works in, and disposes. */
export function clusterConformance(name: string, open: () => Promise<ClusterUnderTest<[Cluster]>>): readonly ConformanceCase[] {
  return cases(name, checks, open);
}

/** What two nodes of one cluster must do. */
export function nodesConformance(
  name: string,
  open: () => Promise<ClusterUnderTest<[Cluster, Cluster]>>,
): readonly ConformanceCase[] {
  return cases(name, nodeChecks, open);
}

function cases<Nodes extends Cluster[]>(
  name: string,
  checksOfKind: { readonly [title: string]: (...nodes: Nodes) => Promise<void> },
  open: () => Promise<ClusterUnderTest<Nodes>>,
): readonly ConformanceCase[] {
  return Object.entries(checksOfKind).map(([title, check]) => ({
    title: `${name} ${title}`,
    run: async () => {
      const tested = await open();
      try {
        await check(...tested.nodes);
      } finally {
        await tested.dispose();
      }
    },
  }));
}
