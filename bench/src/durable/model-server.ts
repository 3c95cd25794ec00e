// The model server of the durable bench, in a process of its own.
import { startWireServer } from "@orquestra/core/testing";
import { z } from "zod";
import { settingsOf, tellParent } from "../lib/child.ts";
import { scriptFor } from "./workload.ts";

const { scale } = settingsOf(z.object({ scale: z.number() }));
const server = await startWireServer({ replies: scriptFor(scale) });
process.once("disconnect", () => process.exit());
tellParent({ url: server.url });
