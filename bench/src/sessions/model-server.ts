// The model server of the sessions bench, in a process of its own.
import { z } from "zod";
import { answerParent, settingsOf, tellParent } from "../lib/child.ts";
import { StampingServer } from "./stamping-server.ts";

const { tokensPerSecond } = settingsOf(z.object({ tokensPerSecond: z.number() }));
const server = new StampingServer(tokensPerSecond);
const url = await server.listen();
answerParent(z.strictObject({ type: z.literal("latest") }), () => Promise.resolve({ latestMs: server.takeLatest() }));
tellParent({ url });
