import { createClient, type OrquestraClient } from "@orquestra/client";
import { nodeConnect } from "@orquestra/client/node";
import { type WireServer, startPostgresServer, startWireServer } from "@orquestra/core/testing";
import type { OrquestraEvent } from "@orquestra/protocol";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Canary, Ledger, formsOf } from "./canaries.fixture.ts";
import { CliHarness } from "./cli-harness.ts";

const patience = { timeout: 180_000 };
const database = await startPostgresServer();
if (database === null) console.warn("SKIPPED: canaries on PostgreSQL. It was not found: install it.");
afterAll(() => database?.stop());

/** In every place where a server finds a secret. */
const canaries = {
  openai: { name: "OPENAI_API_KEY", value: "canary/openai+0123?=a" },
  anthropic: { name: "ANTHROPIC_API_KEY", value: "canary-anthropic-4567" },
  cursor: { name: "CURSOR_API_KEY", value: "canary-cursor-89abc" },
  search: { name: "ORQUESTRA_SEARCH_KEY", value: 'canary-"search"-def' },
  token: { name: "ORQUESTRA_TOKEN", value: "canary~token~0123456789" },
  others: { name: "GITHUB_TOKEN", value: "canary_others_token_1" },
  kept: { name: "keys.json", value: "canary-kept-key-2345" },
  pasted: { name: "a key pasted while it runs", value: "canary-pasted-key-67" },
  database: { name: "DATABASE_URL", value: "made-up-right" },
} as const;

/** Written beside every canary: where it is seen, a canary would have been. */
const marker = "a-marker-to-be-seen";

let cli: CliHarness;
let wire: WireServer;
let ledger: Ledger;
beforeEach(async () => {
  cli = new CliHarness();
  wire = await startWireServer();
  ledger = new Ledger(Object.values(canaries).filter(({ name }) => name !== "DATABASE_URL"));
});
afterEach(async () => {
  await cli.remove();
  await wire.close();
});

function environment(): { readonly [variable: string]: string } {
  return {
    OPENAI_API_KEY: canaries.openai.value,
    OPENAI_BASE_URL: wire.url,
    ANTHROPIC_API_KEY: canaries.anthropic.value,
    CURSOR_API_KEY: canaries.cursor.value,
    ORQUESTRA_SEARCH_KEY: canaries.search.value,
    ORQUESTRA_TOKEN: canaries.token.value,
    GITHUB_TOKEN: canaries.others.value,
    ORQUESTRA_MODEL: "openai/scripted",
    LOG_LEVEL: "trace",
  };
}

const all: readonly Canary[] = Object.values(canaries);
const everyForm = all.flatMap(formsOf);
/** Everything in every form, as a file or a program's output may have it. */
const spilled = `${everyForm.map((form) => `${marker} ${form}`).join("\n")}\n`;

/** A text cut in two at every place, each piece a token of its own. */
const cutEverywhere = (text: string): readonly string[] =>
  Array.from({ length: text.length - 1 }, (_, at) => [text.slice(0, at + 1), text.slice(at + 1), " "]).flat();

interface Conversation {
  readonly client: OrquestraClient;
  readonly sessionId: string;
  /** Everything that happened since. */
  readonly events: OrquestraEvent[];
  /** Sends a message, answers its cards with yes, and waits for the end of its run. */
  say(text: string): Promise<OrquestraEvent>;
}

/** A client on the server whose frames all go to the ledger, those of one part also put together. */
async function converse(origin: string): Promise<Conversation> {
  const connect = nodeConnect(`${origin.replace("http", "ws")}/ws`, { token: canaries.token.value });
  const parts = new Map<string, string>();
  const client = createClient({
    connect: (events) =>
      connect({
        ...events,
        frame: (frame) => {
          ledger.take("websocket", String(frame));
          const { type, partId = "", text = "" } = JSON.parse(String(frame)) as { type: string; partId?: string; text?: string };
          if (type === "delta") parts.set(partId, (parts.get(partId) ?? "") + text);
          events.frame(frame);
        },
      }),
  });
  const { sessionId } = await client.command("session-create", {});
  const events: OrquestraEvent[] = [];
  const listeners = new Set<() => void>();
  client.session(sessionId).events((event) => {
    events.push(event);
    for (const listener of listeners) listener();
  });
  const say = async (text: string): Promise<OrquestraEvent> => {
    const { runId } = await client.command("message-send", { text }, { sessionId });
    let answered = 0;
    for (;;) {
      const cards = events.filter((event) => event.type === "approval-requested");
      for (const card of cards.slice(answered))
        if (card.runId === runId)
          await client.command("approval-respond", { approvalId: card.data.approvalId, decision: "allow_once" }, { sessionId });
      answered = cards.length;
      const end = events.find((event) => event.runId === runId && /^run-(?:completed|failed|cancelled)$/.test(event.type));
      if (end !== undefined) {
        for (const text of parts.values()) ledger.take("websocket, deltas put together", text);
        return end;
      }
      await new Promise<void>((resolve) => {
        const listener = (): void => {
          listeners.delete(listener);
          resolve();
        };
        listeners.add(listener);
      });
    }
  };
  return { client, sessionId, events, say };
}

async function ask(origin: string, path: string, init: RequestInit = {}): Promise<string> {
  const headers = { authorization: `Bearer ${canaries.token.value}`, ...init.headers };
  const response = await fetch(new URL(path, origin), { ...init, headers });
  const text = await response.text();
  ledger.take("http", text);
  return text;
}

/** The log of a session as a client without WebSockets reads it, up to its newest run's end. */
async function readStream(origin: string, sessionId: string, until: string): Promise<void> {
  const response = await fetch(new URL(`/api/sessions/${sessionId}/events`, origin), {
    headers: { authorization: `Bearer ${canaries.token.value}`, "last-event-id": "0" },
  });
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes(until)) break;
  }
  ledger.take("server-sent events", text);
}

/** Lets a server see every canary in every way there is, and takes down all that leaves it. */
async function live(env: { readonly [variable: string]: string }): Promise<void> {
  writeFileSync(join(cli.project, "leak.txt"), spilled);
  mkdirSync(cli.dataFolder, { mode: 0o700 });
  const kept = { compatible: { key: canaries.kept.value, baseUrl: wire.url } };
  writeFileSync(join(cli.dataFolder, "keys.json"), JSON.stringify(kept), { mode: 0o600 });
  const { cli: server, launchUrl } = await cli.serve([], { env });
  const { origin } = launchUrl;
  const { client, sessionId, events, say } = await converse(origin);

  // A key that is pasted while the server runs.
  await client.command("model-connect", { provider: "anthropic", key: canaries.pasted.value, baseUrl: wire.anthropicUrl });

  // What tools find and print, what they fail with, and an answer that says it in pieces.
  const command = `cat leak.txt; printf '${marker} '; base64 -w0 leak.txt; od -An -v -tx1 leak.txt | tr -d ' \\n'; cat leak.txt >&2; sleep 0.3; cat leak.txt`;
  wire.script([
    {
      text: `Looking.\n\`\`\`plan\n1. file_read("leak.txt")\n2. code_search("${marker}")\n3. shell(${JSON.stringify(command)})\n4. file_read("${marker}/${canaries.openai.value}")\n\`\`\`\n`,
      reasoning: `${marker} ${spilled}`,
    },
    { text: [marker, " ", ...everyForm.flatMap(cutEverywhere)] },
  ]);
  expect(await say(`${marker} My key is ${canaries.openai.value}, and ${spilled}`)).toMatchObject({ type: "run-completed" });
  expect(events).toContainEqual(expect.objectContaining({ type: "notice" }));

  // Effects with a secret in them, or with what stands for one, as text and as a native call.
  wire.script([
    { text: `\`\`\`plan\n1. file_write("${marker}.txt", ${JSON.stringify(canaries.token.value)})\n\`\`\`\n` },
    { text: `\`\`\`plan\n1. shell("echo [secret OPENAI_API_KEY] > ${marker}.txt")\n\`\`\`\n` },
    { text: "Then not." },
  ]);
  expect(await say("write it down")).toMatchObject({ type: "run-completed" });
  const refused = events.filter((event) => event.type === "todo-failed" && event.data.error.code === "secret_value");
  expect(refused).toHaveLength(2);
  expect(existsSync(join(cli.project, `${marker}.txt`))).toBe(false);

  // A provider that repeats the key it was sent.
  wire.script([{ status: 400, error: { message: `${marker} bad key ${spilled}` } }]);
  expect(await say("again")).toMatchObject({ type: "run-failed" });
  wire.script([{ text: "Hm", status: 200, error: { message: `${marker} bad key ${spilled}` } }]);
  expect(await say("and again")).toMatchObject({ type: "run-failed" });

  // Commands whose words are kept, cut to a title or said back.
  const title = `${marker} ${canaries.openai.value}`;
  await client.command("session-update", { title }, { sessionId });
  await client.command("session-create", { workspace: `/${title}` }).catch(() => undefined);
  await client.command("history-search", { query: marker });
  await client.command("output-read", { ref: `${events[0]?.runId ?? ""}/t3` }, { sessionId }).catch(() => undefined);
  await client.command("session-list", {});
  client.close();

  // Over HTTP.
  await readStream(origin, sessionId, '"and again"');
  ledger.take("metrics", await ask(origin, "/metrics"));
  await ask(origin, "/openapi.json");
  ledger.take("an exported session", await ask(origin, `/api/sessions/${sessionId}/export`));
  const json = { method: "POST", headers: { "content-type": "application/json" } };
  await ask(origin, "/api/workspaces", { ...json, body: JSON.stringify({ path: `/${title}` }) });
  await ask(origin, "/api/tokens", { ...json, body: JSON.stringify({ user: { id: title }, [title]: spilled }) });
  await ask(origin, `/api/sessions/${encodeURIComponent(title)}/events`);
  await ask(origin, "/api/sessions/import", { method: "POST", body: spilled });

  // On the command line.
  wire.script([{ text: [marker, " ", ...cutEverywhere(canaries.token.value)] }]);
  const ran = [
    await cli.call(["run", `${marker} ${canaries.anthropic.value}`], { env }),
    await cli.call(["sessions", "--json"], { env }),
    await cli.call(["sessions", "export", sessionId], { env }),
    await cli.call(["doctor"], { env }),
    await cli.call(["sessions", "export", title], { env }),
    await cli.call(["serve", "--port", `${marker}-${canaries.openai.value}`], { env }),
  ];
  for (const { stdout, stderr } of ran) {
    ledger.take("command line", stdout);
    ledger.take("command line, errors", stderr);
  }

  const { stdout, stderr } = await server.stop();
  ledger.take("the server's log", stderr);
  ledger.take("the server's output", stdout);
  for (const { body } of wire.requests) ledger.take("prompts", JSON.stringify(body));
  ledger.takeFolder("the data folder", cli.dataFolder, ["token", "keys.json"]);
}

const seen = [
  "websocket",
  "websocket, deltas put together",
  "server-sent events",
  "http",
  "an exported session",
  "command line",
  "command line, errors",
  "prompts",
];

describe("a secret of the server", () => {
  it("leaves it in no way and in no form, with the embedded database", patience, async () => {
    await live(environment());
    expect(ledger.leaks()).toEqual([]);
    for (const way of [...seen, "the data folder"]) expect(ledger.shows(way, marker), way).toBe(true);
  });
});
