import { createClient } from "@orquestra/client";
import { nodeConnect } from "@orquestra/client/node";
import { type Store, fileWorkspaceTrust, openInMemoryStore } from "@orquestra/core";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Closers } from "./closers.ts";
import { readConfig } from "./config.ts";
import { createLog } from "./log.ts";
import { type StartOptions, startServer } from "./start-server.ts";

const token = "made-up-owner-token";

let home: string;
let project: string;
let store: Store & { readonly closed: () => number };

beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), "orquestra-start-")));
  project = join(home, "project");
  mkdirSync(project);
  mkdirSync(join(home, ".orquestra"));
  writeFileSync(join(project, "a.md"), "TODO: one\n");
  let closed = 0;
  store = {
    ...openInMemoryStore(),
    close: async () => {
      closed += 1;
    },
    closed: () => closed,
  };
});
afterEach(() => rmSync(home, { recursive: true }));

function start(changes: Partial<StartOptions> = {}, environment: { readonly [name: string]: string } = {}) {
  const config = readConfig({ port: "0" }, { HOME: home, ...environment });
  return startServer({
    config,
    token,
    store,
    log: createLog("silent", config.redactor),
    workspace: project,
    trust: false,
    announced: false,
    ...changes,
  });
}

const client = (url: string) => createClient({ connect: nodeConnect(`${url.replace("http", "ws")}/ws`, { token }) });

describe("a whole server", () => {
  it("does not start without the rules it was given, and says which line keeps it", async () => {
    writeFileSync(join(home, ".orquestra", "policy.yaml"), "rules:\n  - tool: shell\n    decison: deny\n");
    const message = `${join(home, ".orquestra", "policy.yaml")} line 3: unknown key \`decison\`; did you mean \`decision\`?`;
    await expect(start()).rejects.toThrow(message);
    expect(store.closed()).toBe(1);
  });

  it("carries out a message with real tools on the folder, and closes its database last", async () => {
    const server = await start();
    const connected = client(server.url);
    const { sessionId } = await connected.command("session-create", {});
    const said: string[] = [];
    const done = new Promise<void>((resolve) => {
      connected.session(sessionId).events((event) => {
        if (event.type === "part-closed") said.push(event.data.text);
        if (event.type === "run-completed") resolve();
      });
    });
    await connected.command("message-send", { text: "find TODO" }, { sessionId });
    await done;
    expect(said.at(-1)).toContain("a.md:1");
    const metrics = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
    const text = await metrics.text();
    expect(text).toContain("orquestra_attached_sessions 1\n");
    expect(text).toContain('orquestra_tool_calls_total{tool="code_search",outcome="completed"} 1\n');
    expect(text).toMatch(/orquestra_model_calls_total\{model="demo[^}]*outcome="stop"\} 2\n/);
    connected.close();
    expect(store.closed()).toBe(0);
    await server.close();
    expect(store.closed()).toBe(1);
  });

  it("keeps a key that is pasted, in a file of its own, and offers its models", async () => {
    const provider = createServer((_request, response) => response.end('{"data":[{"id":"tiny"}]}'));
    await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
    const address = provider.address();
    const baseUrl = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/v1`;
    const server = await start();
    const connected = client(server.url);
    expect(await connected.command("model-connect", { provider: "openai", key: "made-up-key", baseUrl })).toEqual({
      models: ["tiny"],
    });
    const { items } = await connected.command("model-list", {});
    expect(items.find(({ model }) => model === "openai/tiny")).toMatchObject({ available: true });
    expect(statSync(join(home, ".orquestra", "keys.json")).mode & 0o777).toBe(0o600);
    connected.close();
    await server.close();
    provider.close();
  });

  it("goes no further than the mode of its settings", async () => {
    const server = await start({}, { ORQUESTRA_MODE: "plan" });
    const connected = client(server.url);
    await expect(connected.command("session-create", { mode: "workspace" })).rejects.toMatchObject({ code: "forbidden" });
    connected.close();
    await server.close();
  });

  it("mints tokens for the users of a host product, as its settings allow", async () => {
    const body = JSON.stringify({ user: { id: "42" }, mayApprove: true });
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const mint = async (environment: { readonly [name: string]: string }) => {
      const server = await start({}, environment);
      const answer = await fetch(`${server.url}/api/tokens`, { method: "POST", headers, body });
      await server.close();
      return answer.status;
    };
    expect(await mint({})).toBe(403);
    expect(await mint({ ORQUESTRA_EMBED_APPROVALS: "true" })).toBe(200);
  });

  it("trusts the folder only when told to", async () => {
    const trust = fileWorkspaceTrust(join(home, ".orquestra"));
    await (await start()).close();
    expect(await trust.isTrusted(project)).toBeNull();
    await (await start({ trust: true })).close();
    expect(await trust.isTrusted(project)).toBe(true);
  });

  it.each([
    ["a folder that is refused", { workspace: "/" }],
    ["a lock it does not hold", { announced: true }],
  ])("closes what it opened when %s stops it", async (_what, changes) => {
    await expect(start(changes)).rejects.toThrow();
    expect(store.closed()).toBe(1);
  });
});

describe("closers", () => {
  it("run once, last first, all of them, and tell the first failure", async () => {
    const closers = new Closers();
    const order: number[] = [];
    const step = (number: number, failure?: Error) => async (): Promise<void> => {
      order.push(number);
      if (failure !== undefined) throw failure;
    };
    closers.add(step(1));
    closers.add(step(2, new Error("second")));
    closers.add(step(3, new Error("third")));
    await expect(closers.close()).rejects.toThrow("third");
    await closers.close();
    expect(order).toEqual([3, 2, 1]);
  });
});
