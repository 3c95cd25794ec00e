// oxlint-disable-next-line import/no-unassigned-import -- it is imported for what it sets, before anything else is
import "./no-eval.ts";
import { createClient, webSocketConnect } from "@orquestra/client";
import { applyTheme } from "@orquestra/sidebar";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { scheduleFlush } from "./schedule.ts";

applyTheme();
const client = createClient({ connect: webSocketConnect(webSocketUrl()), schedule: scheduleFlush });
const root = document.getElementById("root");
if (root === null) throw new Error("The page has no element #root.");
createRoot(root).render(<App client={client} />);

function webSocketUrl(): string {
  const url = new URL("/ws", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}
