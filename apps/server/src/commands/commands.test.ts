import { startWireServer } from "@orquestra/core/testing";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { readConfig } from "../config.ts";
import { ownerTokenOf, prepareDataFolder } from "../data-folder.ts";
import { createLog } from "../log.ts";
import { main } from "../main.ts";
import { openStore } from "../open-store.ts";
import { type StartedServer, startServer } from "../start-server.ts";

const patience = { timeout: 120_000 };
const beyond = { ORQUESTRA_TOKEN: "made-up-owner-token", ORQUESTRA_ALLOWED_HOSTS: "box.example" };
const eventSchema = z.object({ type: z.string() });
const change = 'replace "water" with "feed" in notes.md';

let home: string;
let project: string;

/** One home for all: making a database anew takes longer than everything else here. */
beforeAll(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), "orquestra-commands-")));
  project = join(home, "project");
  mkdirSync(project);
});
afterAll(() => rmSync(home, { recursive: true }));

beforeEach(() => {
  writeFileSync(join(project, "notes.md"), "# Notes\nTODO: water the plants\n");
  const ours = /^(ORQUESTRA_|OPENAI_|ANTHROPIC_|COMPATIBLE_|CURSOR_|OTEL_|XDG_|DATABASE_URL|REDIS_URL|LOG_LEVEL)/;
  for (const name of Object.keys(process.env).filter((one) => ours.test(one))) vi.stubEnv(name, undefined);
  vi.stubEnv("HOME", home);
  vi.stubEnv("ORQUESTRA_WORKSPACE", project);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line in this process: everything is real but the process around it. */
async function orquestra(args: readonly string[], env: { readonly [name: string]: string } = {}): Promise<Outcome> {
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    vi.spyOn(process[name], "write").mockImplementation((chunk) => {
      text[name] += String(chunk);
      return true;
    });
  }
  const before = Object.keys(env).map((name) => [name, process.env[name]] as const);
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const code = await main(args);
  for (const [name, value] of before) vi.stubEnv(name, value);
  vi.restoreAllMocks();
  return { code, ...text };
}

/** A server like that of `orquestra serve`, on this home's data folder. */
async function serving(): Promise<StartedServer> {
  const config = readConfig({ port: "0" }, { HOME: home, PATH: process.env["PATH"] });
  await prepareDataFolder(config.dataDir);
  const token = await ownerTokenOf(config.dataDir);
  const store = await openStore(config, createLog("silent", config.redactor));
  return await startServer({
    config,
    token,
    store,
    log: createLog("silent", config.redactor),
    workspace: project,
    trust: false,
    announced: true,
  });
}

/** Root may write everywhere: this is done with the rights of somebody else. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0 || process.seteuid === undefined) return work();
  process.seteuid(65_534);
  try {
    return await work();
  } finally {
    process.seteuid(0);
  }
}

describe("what stops a command", () => {
  it.each<[string, readonly string[], { readonly [name: string]: string }, number, readonly string[]]>([
    [
      "a data folder that cannot be",
      ["--data-dir", "HOME/project/notes.md/data"],
      {},
      1,
      [
        "The data folder HOME/project/notes.md/data cannot be used: ENOTDIR: not a directory, mkdir 'HOME/project/notes.md/data'. " +
          "Make it writable, or choose another with --data-dir or ORQUESTRA_DATA_DIR.",
      ],
    ],
    [
      "a database that does not answer",
      [],
      { DATABASE_URL: "postgres://nobody:made-up-password-1@127.0.0.1:1/none" },
      1,
      ["PostgreSQL at 127.0.0.1:1: The database does not answer (ECONNREFUSED). Check that it runs and can be reached."],
    ],
    ["a folder that is too much", ["--workspace", "/"], {}, 1, ["/ is the whole disk; open a project folder inside it instead."]],
    ["a folder that is not there", ["--workspace", "HOME/nowhere"], {}, 1, ["There is no folder HOME/nowhere."]],
    [
      "settings that make no sense",
      ["--port", "x"],
      { ORQUESTRA_MODE: "fast" },
      2,
      [
        '--port: must be a port from 0 to 65535 (it is "x")',
        'ORQUESTRA_MODE: must be plan, ask, workspace or headless (it is "fast")',
      ],
    ],
    [
      "a host that others reach",
      ["--host", "0.0.0.0"],
      {},
      2,
      [
        "ORQUESTRA_HOST: 0.0.0.0 can be reached by others, so ORQUESTRA_TOKEN and ORQUESTRA_ALLOWED_HOSTS must be set " +
          "(and ORQUESTRA_ALLOWED_ORIGINS for browsers)",
      ],
    ],
    [
      "an address of another machine",
      ["--port", "0"],
      { ...beyond, ORQUESTRA_HOST: "192.0.2.1" },
      1,
      ["192.0.2.1 is no address of this machine. Check ORQUESTRA_HOST."],
    ],
  ])("%s is told in one line each", patience, async (_what, args, env, code, lines) => {
    const inHome = (text: string): string => text.replaceAll("HOME", home);
    const outcome = await orquestra(args.map(inHome), env);
    expect(outcome).toEqual({ code, stdout: "", stderr: lines.map((line) => `orquestra: ${inHome(line)}\n`).join("") });
  });

  it("an unwritable data folder, too", patience, async () => {
    const folder = join(home, "sealed");
    mkdirSync(folder, { mode: 0o555 });
    chmodSync(home, 0o755);
    await import("./serve.ts");
    const outcome = await asNobody(() => orquestra(["serve"], { ORQUESTRA_DATA_DIR: join(folder, "data") }));
    expect(outcome).toEqual({
      code: 1,
      stdout: "",
      stderr:
        `orquestra: The data folder ${folder}/data cannot be used: EACCES: permission denied, mkdir '${folder}/data'. ` +
        "Make it writable, or choose another with --data-dir or ORQUESTRA_DATA_DIR.\n",
    });
  });

  it("a port that somebody has is named, with who it is", patience, async () => {
    const squatter = createServer((_request, response) => response.end("mine"));
    squatter.listen(0, "127.0.0.1");
    await once(squatter, "listening");
    const address = squatter.address();
    const port = String(typeof address === "object" ? address?.port : "");
    const outcome = await orquestra(["serve", "--port", port]);
    squatter.close();
    expect(outcome).toMatchObject({ code: 1, stdout: "" });
    const advice = `Stop it, or choose another port: --port ${Number(port) + 1}.`;
    expect(outcome.stderr).toBe(`orquestra: Port ${port} is taken by another program. ${advice}\n`);
    const again = await orquestra(["sessions"]);
    expect(again).toMatchObject({ code: 0, stdout: "" });
  });

  it("an Orquestra of somebody else on the port is named as such", patience, async () => {
    const server = await serving();
    const other = { ORQUESTRA_DATA_DIR: join(home, "other-data") };
    const outcome = await orquestra(["serve", "--port", new URL(server.url).port], other);
    await server.close();
    const port = Number(new URL(server.url).port);
    const advice = `Stop it, or choose another port: --port ${port + 1}.`;
    expect(outcome.stderr).toBe(`orquestra: Port ${port} is taken by an Orquestra with another data folder. ${advice}\n`);
  });
});

describe("beside a server that runs", () => {
  it("commands talk to it", patience, async () => {
    const server = await serving();
    try {
      const opened = await orquestra(["open"]);
      expect(opened).toMatchObject({ code: 0, stderr: "" });
      const link = new URL(opened.stdout.trim());
      expect(link.origin).toBe(server.url);
      const body = JSON.stringify({ token: link.searchParams.get("token") });
      const signedIn = await fetch(new URL("/launch", link), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      });
      expect(signedIn.status).toBe(204);

      const added = await orquestra(["user", "add", "Ada"]);
      expect(added.code).toBe(0);
      const headers = { authorization: added.stdout.trim().replace(/^/, "Bearer ") };
      expect((await fetch(new URL("/openapi.json", server.url), { headers })).status).toBe(200);
      expect(await orquestra(["user", "add", "ada"])).toMatchObject({ code: 1, stdout: "" });

      expect((await orquestra(["run", "list the files"])).stdout).toContain("notes.md");
      const sessions = await orquestra(["sessions"]);
      expect(sessions.stdout).toMatch(new RegExp(`completed  list the files  ${project}$`, "m"));

      const doctor = await orquestra(["doctor"]);
      expect(doctor.stdout).toMatch(new RegExp(`^ok +server +runs at ${server.url}`, "m"));
      const stranger = await orquestra(["open"], { ORQUESTRA_TOKEN: "another-made-up-token" });
      expect(stranger).toMatchObject({ code: 1, stdout: "" });
      expect(stranger.stderr).toMatch(/^orquestra: .*ORQUESTRA_TOKEN.*\n$/);
      const patient = await orquestra(["doctor"], { ORQUESTRA_TOKEN: "another-made-up-token" });
      expect(patient).toMatchObject({ code: 1, stderr: "" });
      expect(patient.stdout).toMatch(/^BROKEN +server .*ORQUESTRA_TOKEN[^]*^ok +folder/m);
      expect((await orquestra(["user", "add", "Eve\n\u001b[2K"])).stderr).toContain("must be one line of visible characters");
    } finally {
      await server.close();
    }
    expect(await orquestra(["open"])).toMatchObject({ code: 1, stdout: "" });
  });
});

describe("running one message", () => {
  it("needs no server, and leaves what needs a person waiting for one", patience, async () => {
    const asked = await orquestra(["run", change], { OPENAI_API_KEY: "made-up-key" });
    expect(asked.code).toBe(3);
    expect(asked.stderr).toMatch(/demo model[^]*--model openai\/[^]*✓ t1 [^]*needs an approval/);
    expect(asked.stdout + asked.stderr).not.toContain("made-up-key");
    const server = await serving();
    try {
      expect((await orquestra(["sessions"])).stdout).toMatch(/waiting +replace "water"/);
    } finally {
      await server.close();
    }
  });
});

describe("running one message beside a server", () => {
  let server: StartedServer;
  beforeAll(async () => {
    server = await serving();
  }, 120_000);
  afterAll(() => server.close());

  it("a session is written to a file, read back and deleted for good", patience, async () => {
    await orquestra(["run", "list the files"]);
    const ids = async () => (await orquestra(["sessions"])).stdout.split("\n").map((line) => line.split(" ")[0] ?? "");
    const [id = ""] = await ids();
    const file = join(home, "session.jsonl");
    expect(await orquestra(["sessions", "export", id, "--out", file])).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const content = readFileSync(file, "utf8");
    expect((await orquestra(["sessions", "export", id])).stdout.split("\n").slice(1)).toEqual(content.split("\n").slice(1));
    expect(content).not.toContain(await ownerTokenOf(join(home, ".orquestra")));
    expect((await orquestra(["sessions", "export", id, "--out", file])).stderr).toContain("is there already");
    expect(await orquestra(["sessions", "export", "nobody", "--out", join(home, "no.jsonl")])).toMatchObject({ code: 1 });
    expect(existsSync(join(home, "no.jsonl"))).toBe(false);

    expect((await orquestra(["sessions", "import", file])).stderr).toContain("--as-new");
    const copied = await orquestra(["sessions", "import", file, "--as-new", "--workspace", project]);
    expect(copied).toMatchObject({ code: 0, stderr: "" });
    expect(copied.stdout.trim()).not.toBe(id);
    expect((await orquestra(["sessions"])).stdout).toMatch(
      new RegExp(`^${copied.stdout.trim()} .*list the files  ${project}$`, "m"),
    );

    expect(await orquestra(["sessions", "delete", id])).toMatchObject({ code: 2 });
    expect(await ids()).toContain(id);
    expect(await orquestra(["sessions", "delete", id, "--yes"])).toMatchObject({ code: 0, stderr: "It is deleted.\n" });
    expect(await ids()).not.toContain(id);
    expect(await orquestra(["sessions", "delete", id, "--yes"])).toMatchObject({ code: 1 });
    expect((await orquestra(["sessions", "import", file])).stdout.trim()).toBe(id);

    writeFileSync(file, content.slice(0, content.length / 2));
    expect(await orquestra(["sessions", "import", file, "--as-new"])).toMatchObject({ code: 1, stdout: "" });
    expect(await orquestra(["sessions", "forget", id])).toMatchObject({ code: 2 });
    expect(await orquestra(["sessions", "export"])).toMatchObject({ code: 2 });
  });

  it("ends with 3 when a person is needed, does it with --yes=plan, and never with --yes=reads", patience, async () => {
    const notes = join(project, "notes.md");
    const asked = await orquestra(["run", "--yes=reads", change]);
    expect(asked.code).toBe(3);
    expect(asked.stderr).toContain("notes.md");
    expect(asked.stderr).toContain("needs an approval");
    expect(readFileSync(notes, "utf8")).toContain("water");
    expect(await orquestra(["run", "--yes=plan", change])).toMatchObject({ code: 0 });
    expect(readFileSync(notes, "utf8")).toBe("# Notes\nTODO: feed the plants\n");
  });

  it("changes nothing in mode plan, whatever --yes says", patience, async () => {
    await orquestra(["run", "--mode", "plan", "--yes=plan", change]);
    expect(readFileSync(join(project, "notes.md"), "utf8")).toContain("water");
  });

  it("keeps the answer apart from the steps, and prints events with --json", patience, async () => {
    const plain = await orquestra(["run", "find", "TODO"]);
    expect(plain.code).toBe(0);
    expect(plain.stdout).toContain("notes.md:2");
    expect(plain.stdout).toContain("no AI");
    expect(plain.stderr).toMatch(/✓ t1 /);
    const json = await orquestra(["run", "--json", "find TODO"]);
    const types = json.stdout
      .trim()
      .split("\n")
      .map((line) => eventSchema.parse(JSON.parse(line)).type);
    expect(types).toEqual(expect.arrayContaining(["message-received", "run-started", "todo-completed", "part-closed"]));
    expect(types.at(-1)).toBe("run-completed");
  });

  it("says at the end what it used, and what that cost", patience, async () => {
    const usage = { inputTokens: 200_000, outputTokens: 1000, cachedInputTokens: 100_000 };
    const wire = await startWireServer({ replies: () => ({ text: "Hello.", usage }) });
    const priced = {
      COMPATIBLE_BASE_URL: wire.url,
      ORQUESTRA_PRICES: "compatible/tiny=1/0.1/10",
      ORQUESTRA_DATA_DIR: join(home, "alone"),
    };
    const { code, stderr, stdout } = await orquestra(["run", "--model", "compatible/tiny", "hello"], priced);
    expect([code, stdout]).toEqual([0, "Hello.\n"]);
    expect(stderr).toContain("200,000 tokens in, 1,000 out, $0.12\n");
    const unknown = await orquestra(["run", "--model", "compatible/other", "hello"], priced);
    expect(unknown.stderr).toContain("200,000 tokens in, 1,000 out\n");
    await wire.close();
  });

  it("fails in one line when its model cannot be used", patience, async () => {
    const outcome = await orquestra(["run", "--model", "openai/some-model", "hello"]);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain("OPENAI_API_KEY");
  });
});

describe("the doctor", () => {
  it("says what works and what is missing", patience, async () => {
    const { code, stdout, stderr } = await orquestra(["doctor"], {
      OPENAI_API_KEY: "made-up-key",
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
      ORQUESTRA_CURSOR_COMMAND: process.execPath,
    });
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^ok +cursor +cursor\/auto – Found at .* Needs `agent login`.*last verified live: never/m);
    expect(stdout).toMatch(/^ok +database +embedded$/m);
    expect(stdout).toMatch(/^ok +openai .*last verified live: never/m);
    expect(stdout).toMatch(/^missing +anthropic .*ANTHROPIC_API_KEY/m);
    expect(stdout).toMatch(/^ok +openai .*native tools, images, reasoning, cost – last verified/m);
    expect(stdout).toMatch(/^missing +embeddings +none/m);
    expect(stdout).toMatch(/^missing +web search +none/m);
    expect(stdout).toMatch(/^missing +settings +OTEL_EXPORTER_OTLP_ENDPOINT has no effect/m);
    expect(stdout).not.toContain("made-up-key");
  });

  it("says who would search the web, and keeps the key to itself", patience, async () => {
    const { stdout } = await orquestra(["doctor"], { ORQUESTRA_SEARCH_PROVIDER: "brave", ORQUESTRA_SEARCH_KEY: "made-up-key" });
    expect(stdout).toMatch(/^ok +web search +brave$/m);
    expect(stdout).not.toContain("made-up-key");
  });

  it("says of embeddings where they would come from", patience, async () => {
    const named = { ORQUESTRA_EMBEDDINGS: "compatible/nomic" };
    const found = await orquestra(["doctor"], { ...named, COMPATIBLE_BASE_URL: "http://127.0.0.1:1/v1" });
    expect(found.stdout).toMatch(/^ok +embeddings +compatible\/nomic at 127\.0\.0\.1:1$/m);
    expect((await orquestra(["doctor"], named)).stdout).toMatch(/^BROKEN +embeddings .*COMPATIBLE_BASE_URL/m);
    const local = await orquestra(["doctor"], { ORQUESTRA_EMBEDDINGS: "local" });
    expect(local.stdout).toMatch(/^missing +embeddings +local ones come with a later version/m);
  });

  it("fails when something is broken, and does not tell the password", patience, async () => {
    const { code, stdout } = await orquestra(["doctor"], {
      DATABASE_URL: "postgres://nobody:made-up-password-1@127.0.0.1:1/none",
      REDIS_URL: "redis://nobody:made-up@127.0.0.1:1",
      ORQUESTRA_CURSOR_COMMAND: "no-such-agent",
    });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^missing +cursor .*ORQUESTRA_CURSOR_COMMAND/m);
    expect(stdout).toMatch(/^BROKEN +database/m);
    expect(stdout).toMatch(/^BROKEN +redis +Redis at 127\.0\.0\.1:1 does not answer \(ECONNREFUSED\)/m);
    expect(stdout).not.toContain("made-up");
  });
});
