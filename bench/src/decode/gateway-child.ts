// An engine behind its gateway, in a process of its own.
import { once } from "node:events";
import { createServer } from "node:http";
import { createGateway } from "@orquestra/core";
import { z } from "zod";
import { settingsOf, tellParent } from "../lib/child.ts";
import { openBenchEngine, user } from "../lib/engine.ts";
import { patientModelAt } from "../lib/model.ts";

const { modelUrl } = settingsOf(z.object({ modelUrl: z.string() }));
const model = patientModelAt({ wire: "chat", model: "scripted", url: modelUrl });
const { engine } = await openBenchEngine({ model, tools: [] });
const gateway = createGateway({
  engine,
  admit: () => Promise.resolve({ status: "admitted", user, scope: null }),
  server: { version: "bench", nodeId: "bench" },
});
const server = createServer();
server.on("upgrade", (request, socket, head) => gateway.handleUpgrade(request, socket, head));
server.listen(0, "127.0.0.1");
await once(server, "listening");
const address = server.address();
if (address === null || typeof address === "string") throw new Error("The server has no port.");
process.once("disconnect", () => process.exit());
tellParent({ url: `ws://127.0.0.1:${address.port}` });
