// The model server of the makespan bench, in a process of its own.
import { startWireServer } from "@orquestra/core/testing";
import { z } from "zod";
import { settingsOf, tellParent } from "../lib/child.ts";
import { scriptFor } from "./script.ts";

const pace = settingsOf(z.object({ firstTokenMs: z.number(), tokensPerSecond: z.number() }));
const server = await startWireServer({ replies: scriptFor(pace) });
process.once("disconnect", () => process.exit());
tellParent({ url: server.url, anthropicUrl: server.anthropicUrl });
