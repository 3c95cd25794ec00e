// One node of several: an engine behind its gateway, on a database that it may share, in a process of its own.
import { inMemoryWorkspaceTrust, openRedisCluster } from "@orquestra/core";
import { z } from "zod";
import { settingsOf, tellParent } from "../lib/child.ts";
import { openStoreAt, storePlaceSchema } from "../lib/database.ts";
import { openBenchEngine } from "../lib/engine.ts";
import { patientModelAt } from "../lib/model.ts";
import { serveEngine } from "../lib/serve.ts";
import { tools } from "../durable/workload.ts";

const { modelUrl, place, redisUrl, root, nodeId } = settingsOf(
  z.object({
    modelUrl: z.string(),
    place: storePlaceSchema,
    redisUrl: z.string().nullable(),
    root: z.string(),
    nodeId: z.string(),
  }),
);
const trust = inMemoryWorkspaceTrust();
await trust.set(root, true);
const { engine } = await openBenchEngine({
  store: await openStoreAt(place),
  ...(redisUrl === null ? {} : { cluster: await openRedisCluster({ url: redisUrl }) }),
  model: patientModelAt({ wire: "chat", model: "scripted", url: modelUrl }),
  tools,
  trust,
  workspaces: { start: root, list: () => [root] },
  nodeId,
});
process.once("disconnect", () => process.exit());
tellParent({ url: await serveEngine(engine, nodeId) });
