import { createCursorProvider } from "../../llm-provider/acp-agent/index.ts";

/**
 * A process that holds agents: one at work, others ready. `node agent-holder.ts COMMAND` stays until it is killed,
 * or leaves without closing anything when its stdin ends.
 */
const provider = createCursorProvider({
  command: process.argv[2] ?? "",
  environment: { PATH: process.env["PATH"] ?? "", HOME: "/nowhere" },
  limits: { spares: 2 },
});
process.stdin.on("end", () => process.exit(0)).resume();
const request = { system: "", messages: [{ role: "user", content: [{ type: "text", text: "Go." }] }] } as const;
for await (const batch of provider.model("auto").stream(request, new AbortController().signal)) console.log(batch.length);
