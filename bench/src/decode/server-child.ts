// The model server of the decode bench, in a process of its own.
import { startWireServer } from "@orquestra/core/testing";
import { z } from "zod";
import { settingsOf, tellParent } from "../lib/child.ts";
import { scriptFor } from "./answers.ts";

const { tokensPerSecond } = settingsOf(z.object({ tokensPerSecond: z.number() }));
const server = await startWireServer({ replies: scriptFor(tokensPerSecond) });
process.once("disconnect", () => process.exit());
tellParent({ url: server.url });
