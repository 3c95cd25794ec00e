// An engine behind its gateway, in a process of its own.
import { z } from "zod";
import { settingsOf, tellParent } from "../lib/child.ts";
import { openBenchEngine } from "../lib/engine.ts";
import { patientModelAt } from "../lib/model.ts";
import { serveEngine } from "../lib/serve.ts";

const { modelUrl } = settingsOf(z.object({ modelUrl: z.string() }));
const model = patientModelAt({ wire: "chat", model: "scripted", url: modelUrl });
const { engine } = await openBenchEngine({ model, tools: [] });
process.once("disconnect", () => process.exit());
tellParent({ url: await serveEngine(engine) });
