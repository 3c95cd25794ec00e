import { type WireServer, startPostgresServer, startWireServer } from "@orquestra/core/testing";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { Ledger, allCanaries, canaries, cutEverywhere, everyForm, marker, spilled } from "./canaries.fixture.ts";
import { type Asking, ask, converse, readStream } from "./canary-talk.fixture.ts";
import { callHere } from "./call-here-harness.ts";
import { CliHarness } from "./cli-harness.ts";

const patience = { timeout: 180_000 };
const database = await startPostgresServer();
if (database === null) console.warn("SKIPPED: canaries on PostgreSQL. It was not found: install it.");
afterAll(() => database?.stop());

let cli: CliHarness;
let wire: WireServer;
let ledger: Ledger;
beforeEach(async () => {
  cli = new CliHarness();
  wire = await startWireServer();
  ledger = new Ledger(allCanaries.filter(({ name }) => name !== "DATABASE_URL"));
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
    ORQUESTRA_SEARCH_PROVIDER: "brave",
    ORQUESTRA_SEARCH_KEY: canaries.search.value,
    ORQUESTRA_TOKEN: canaries.token.value,
    GITHUB_TOKEN: canaries.others.value,
    ORQUESTRA_MODEL: "openai/scripted",
    LOG_LEVEL: "trace",
  };
}

/** Lets a server see every canary in every way there is, and takes down all that leaves it. */
async function live(env: { readonly [variable: string]: string }): Promise<void> {
  writeFileSync(join(cli.project, "leak.txt"), spilled);
  writeFileSync(join(cli.project, "AGENTS.md"), `Rules. ${spilled}`);
  // Wherever a preview is cut, it is cut within a secret.
  for (const shift of [0, 8, 16])
    writeFileSync(join(cli.project, `edge-${shift}.txt`), "-".repeat(shift) + canaries.token.value.repeat(1000));
  mkdirSync(cli.dataFolder, { mode: 0o700 });
  const kept = { compatible: { key: canaries.kept.value, baseUrl: wire.url } };
  writeFileSync(join(cli.dataFolder, "keys.json"), JSON.stringify(kept), { mode: 0o600 });
  const { cli: server, launchUrl } = await cli.serve(["--trust"], { env });
  const { origin } = launchUrl;
  const { client, sessionId, events, say } = await converse(origin, ledger);
  const get = (path: string, init?: Asking): Promise<string> => ask({ origin, ledger }, path, init);

  // A key that is pasted while the server runs.
  await client.command("model-connect", { provider: "anthropic", key: canaries.pasted.value, baseUrl: wire.anthropicUrl });

  // What tools find and print, what they fail with, and an answer that says it in pieces.
  const command = [
    "cat leak.txt",
    `echo ${marker}`,
    "base64 -w0 leak.txt",
    "echo",
    "base64 leak.txt",
    "od -An -v -tx1 leak.txt | tr -d ' '",
    "tr '\\0' '\\n' < /proc/$PPID/environ",
    "cat leak.txt >&2",
    "sleep 0.3",
    "cat leak.txt",
  ].join("; ");
  wire.script([
    {
      text: `Looking.\n\`\`\`plan\n1. file_read("leak.txt")\n2. code_search("${marker}")\n3. shell(${JSON.stringify(command)})\n4. file_read("${marker}/${canaries.openai.value}")\n5. file_read("edge-0.txt")\n6. file_read("edge-8.txt")\n7. file_read("edge-16.txt")\n\`\`\`\n`,
      reasoning: `${marker} ${spilled}`,
    },
    { text: [marker, " ", ...everyForm.flatMap(cutEverywhere)] },
  ]);
  expect(await say(`${`${marker} My key is`.padEnd(40)}${canaries.token.value}, and ${spilled}`)).toMatchObject({
    type: "run-completed",
  });
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
  await readStream({ origin, ledger }, sessionId, '"and again"');
  ledger.take("metrics", await get("/metrics"));
  await get("/openapi.json");
  ledger.take("an exported session", await get(`/api/sessions/${sessionId}/export`));
  const json = { method: "POST", headers: { "content-type": "application/json" } };
  await get("/api/workspaces", { ...json, body: JSON.stringify({ path: `/${title}` }) });
  await get("/api/workspaces", { ...json, body: JSON.stringify({ path: `/${title}\0` }) });
  await get("/api/tokens", { ...json, body: JSON.stringify({ user: { id: title }, [title]: spilled }) });
  await get(`/api/sessions/${encodeURIComponent(title)}/events`);
  await get("/api/sessions/import", { method: "POST", body: spilled });

  // On the command line.
  wire.script([{ text: [marker, " ", ...cutEverywhere(canaries.token.value)] }]);
  const ran = [
    await callHere(cli, ["run", `${marker} ${canaries.anthropic.value}`], { env }),
    await callHere(cli, ["sessions", "--json"], { env }),
    await callHere(cli, ["sessions", "export", sessionId], { env }),
    await callHere(cli, ["doctor"], { env }),
    await callHere(cli, ["sessions", "export", title], { env }),
    await callHere(cli, ["serve", "--port", `${marker}-${canaries.openai.value}`], { env }),
  ];
  for (const { stdout, stderr } of ran) {
    ledger.take("command line", stdout);
    ledger.take("command line, errors", stderr);
  }

  const { stdout, stderr } = await server.stop();
  ledger.take("the server's log", stderr);
  ledger.take("the server's output", stdout);
  for (const { body } of wire.requests) ledger.take("prompts", JSON.stringify(body));
  // Files of the workspace as they were before commands: copies of what the person has beside them anyway, under mode 0700.
  ledger.takeFolder("the data folder", cli.dataFolder, ["token", "keys.json", "snapshots"]);
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

/** All rows of a database, as its own program writes them down; bytes as hex. */
async function dump(url: string): Promise<string> {
  const { stdout } = await promisify(execFile)("pg_dump", ["--data-only", "--inserts", url], { maxBuffer: 1 << 28 });
  return stdout;
}

describe("a secret of the server", () => {
  it("leaves it in no way and in no form, with the embedded database", patience, async () => {
    await live(environment());
    expect(ledger.leaks()).toEqual([]);
    for (const way of [...seen, "the data folder"]) expect(ledger.shows(way, marker), way).toBe(true);
  });

  it.skipIf(database === null)("leaves it in no way and in no form, with a database behind a password", patience, async () => {
    ledger = new Ledger(allCanaries);
    await live({ ...environment(), DATABASE_URL: database?.guarded(canaries.database.value) ?? "" });
    ledger.take("the database", await dump(database?.url ?? ""));
    expect(ledger.leaks()).toEqual([]);
    for (const way of [...seen, "the database"]) expect(ledger.shows(way, marker), way).toBe(true);
  });
});
