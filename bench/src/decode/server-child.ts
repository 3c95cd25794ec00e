// The model server of the decode bench, in a process of its own.
import { startWireServer } from "@orquestra/core/testing";
import { tellParent } from "../lib/child.ts";
import { answerTo } from "./answers.ts";

const server = await startWireServer({ replies: answerTo });
process.once("disconnect", () => process.exit());
tellParent({ url: server.url });
