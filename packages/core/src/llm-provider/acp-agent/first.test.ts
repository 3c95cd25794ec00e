import { it, expect } from "vitest";
import { createAcpStandIn, said, thought } from "../../testing/acp-stand-in/index.ts";
import { createCursorProvider } from "./index.ts";
it("works", async () => {
  const stand = await createAcpStandIn();
  stand.play([{ rows: [thought("hm"), said("One "), said("two")] }]);
  const provider = createCursorProvider({
    command: stand.command,
    environment: { PATH: "/usr/bin:/bin", HOME: "/nowhere" },
    limits: { spares: 0 },
  });
  const parts = [];
  const t = performance.now();
  for await (const batch of provider
    .model("auto")
    .stream(
      { system: "Sys", messages: [{ role: "user", content: [{ type: "text", text: "Hi" }] }] },
      new AbortController().signal,
    )) {
    console.log(performance.now() - t, JSON.stringify(batch));
    parts.push(...batch);
  }
  console.log(performance.now() - t);
  console.log(JSON.stringify(stand.processes(), null, 1));
  await provider.close();
  stand.close();
  expect(parts.length).toBe(4);
});
