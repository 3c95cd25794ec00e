import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigError, type Flags, readConfig } from "./config.ts";
import { searchSettings } from "./config-search.ts";

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "orquestra-config-"));
});
afterEach(() => rmSync(home, { recursive: true }));

function read(flags: Flags = {}, environment: { readonly [name: string]: string } = {}) {
  return readConfig(flags, { HOME: home, ...environment });
}

function problems(flags: Flags = {}, environment: { readonly [name: string]: string } = {}): readonly string[] {
  try {
    read(flags, environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

function write(path: string, text: string): string {
  const whole = join(home, path);
  mkdirSync(join(whole, ".."), { recursive: true });
  writeFileSync(whole, text);
  return whole;
}

const beyond = { ORQUESTRA_HOST: "0.0.0.0", ORQUESTRA_TOKEN: "sixteen-characters", ORQUESTRA_ALLOWED_HOSTS: "box.example:4310" };

describe("settings that are good", () => {
  it("has a default for what nobody set", () => {
    expect(read()).toMatchObject({
      port: 4310,
      host: "127.0.0.1",
      dataDir: join(home, ".orquestra"),
      mode: "ask",
      allowedHosts: [],
      embedApprovals: false,
      logLevel: "warn",
      file: null,
      withoutEffect: [],
    });
    expect(read().model).toBeUndefined();
  });

  it("gives programs that are used as models what they need of the environment, and nobody's keys", () => {
    const environment = {
      PATH: "/bin",
      HTTPS_PROXY: "http://proxy:1",
      OPENAI_API_KEY: "made-up",
      AWS_SECRET_ACCESS_KEY: "made-up",
    };
    expect(read({}, environment).agentEnvironment).toEqual({ HOME: home, PATH: "/bin", HTTPS_PROXY: "http://proxy:1" });
  });

  it.each<[string, string, object]>([
    ["ORQUESTRA_PORT", "0", { port: 0 }],
    ["ORQUESTRA_COST_LIMIT", "2.50", { costLimit: 2.5 }],
    [
      "ORQUESTRA_PRICES",
      "openai/gpt-5.5=5/0.5/30, compatible/org/model:7b=0/0/0",
      {
        prices: {
          "openai/gpt-5.5": [{ input: 5, cachedInput: 0.5, output: 30 }],
          "compatible/org/model:7b": [{ input: 0, cachedInput: 0, output: 0 }],
        },
      },
    ],
    [
      "ORQUESTRA_MODEL_LIMITS",
      "openai=8/500/200000,compatible=2",
      {
        modelLimits: {
          openai: { concurrent: 8, requestsPerMinute: 500, tokensPerMinute: 200_000 },
          compatible: { concurrent: 2, requestsPerMinute: 0, tokensPerMinute: 0 },
        },
      },
    ],
    ["ORQUESTRA_EMBEDDINGS", "compatible/nomic-embed-text", { embeddings: { type: "compatible", model: "nomic-embed-text" } }],
    ["ORQUESTRA_EMBEDDINGS", "local", { embeddings: { type: "local" } }],
    ["ORQUESTRA_PORT", "65535", { port: 65_535 }],
    ["ORQUESTRA_HOST", "::1", { host: "::1" }],
    ["ORQUESTRA_HOST", "127.1.2.3", { host: "127.1.2.3" }],
    ["ORQUESTRA_DATA_DIR", "/somewhere/else", { dataDir: "/somewhere/else" }],
    ["ORQUESTRA_ALLOWED_HOSTS", "a.example, b.example:81,[::1]:9", { allowedHosts: ["a.example", "b.example:81", "[::1]:9"] }],
    [
      "ORQUESTRA_ALLOWED_ORIGINS",
      "https://a.example,http://b.example:81",
      { allowedOrigins: ["https://a.example", "http://b.example:81"] },
    ],
    ["ORQUESTRA_EMBED_APPROVALS", "true", { embedApprovals: true }],
    ["ORQUESTRA_EMBED_APPROVALS", "false", { embedApprovals: false }],
    ["ORQUESTRA_MODEL", "demo", { model: "demo" }],
    ["ORQUESTRA_MODEL", "openai/gpt-5,compatible/org/model:7b", { model: "openai/gpt-5,compatible/org/model:7b" }],
    ["ORQUESTRA_PLAN_FORMAT", "json", { planFormat: "json" }],
    ["ORQUESTRA_MODE", "headless", { mode: "headless" }],
    ["OPENAI_BASE_URL", "http://127.0.0.1:9/v1", { openaiUrl: "http://127.0.0.1:9/v1" }],
    ["ORQUESTRA_REDIS_PREFIX", "team-a.orquestra", { redisPrefix: "team-a.orquestra" }],
    ["LOG_LEVEL", "debug", { logLevel: "debug" }],
    ["ORQUESTRA_PORT", "", { port: 4310 }],
    ["SOMETHING_ELSE", "x", {}],
  ])("takes %s=%s", (variable, text, expected) => {
    expect(read({}, { [variable]: text })).toMatchObject(expected);
  });

  it("prefers the flag over the environment over the file over the default", () => {
    write(
      ".orquestra/orquestra.yaml",
      "port: 1\nmode: plan\nallowed-hosts: [a.example, b.example]\nopenai-api-key: made-up-key\n",
    );
    expect(read({ port: "3" }, { ORQUESTRA_PORT: "2" }).port).toBe(3);
    expect(read({}, { ORQUESTRA_PORT: "2" }).port).toBe(2);
    expect(read()).toMatchObject({ port: 1, mode: "plan", allowedHosts: ["a.example", "b.example"] });
    expect(read().openaiKey?.reveal()).toBe("made-up-key");
  });

  it("reads the file of the data folder, else that of the configuration folder, never that of the workspace", () => {
    write("project/orquestra.yaml", "port: 1\n");
    expect(read({ workspace: join(home, "project") }).port).toBe(4310);
    const elsewhere = write("xdg/orquestra/orquestra.yaml", "port: 2\n");
    expect(read({}, { XDG_CONFIG_HOME: join(home, "xdg") })).toMatchObject({ port: 2, file: elsewhere });
    write("data/orquestra.yaml", "port: 3\n");
    expect(read({ "data-dir": join(home, "data") }, { XDG_CONFIG_HOME: join(home, "xdg") }).port).toBe(3);
  });

  it("takes an empty file", () => {
    write(".orquestra/orquestra.yaml", "# nothing yet\n");
    expect(read().port).toBe(4310);
  });

  it("listens beyond this machine with a token and the names it is reached by", () => {
    expect(read({}, beyond)).toMatchObject({ host: "0.0.0.0", allowedHosts: ["box.example:4310"] });
  });

  it.each(["redis://127.0.0.1:6379", "rediss://user:made-up@box.example:6380/2"])("shares a database by %s", (redisUrl) => {
    const shared = read({}, { REDIS_URL: redisUrl, DATABASE_URL: "postgres://h/db" });
    expect(shared).toMatchObject({ redisPrefix: "orquestra", withoutEffect: [] });
    expect(shared.redisUrl?.reveal()).toBe(redisUrl);
  });

  it("knows who answers searches of the web", () => {
    expect(searchSettings(read())).toBeUndefined();
    const searxng = { ORQUESTRA_SEARCH_PROVIDER: "searxng", ORQUESTRA_SEARCH_URL: "http://127.0.0.1:8888/s" };
    expect(read({}, searxng).withoutEffect).toEqual([]);
    expect(searchSettings(read({}, searxng))).toEqual({ provider: "searxng", url: "http://127.0.0.1:8888/s" });
    const tavily = searchSettings(read({}, { ORQUESTRA_SEARCH_PROVIDER: "tavily", ORQUESTRA_SEARCH_KEY: "made-up-key" }));
    expect(JSON.stringify(tavily)).toBe('{"provider":"tavily"}');
    expect(tavily?.provider === "tavily" ? tavily.key() : "").toBe("made-up-key");
  });

  it("names the settings it understands but does not use", () => {
    const endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    expect(read({}, { [endpoint]: "http://127.0.0.1:4318" }).withoutEffect).toEqual([endpoint]);
  });
});

describe("secrets", () => {
  const environment = {
    OPENAI_API_KEY: "made-up-openai-1",
    ORQUESTRA_TOKEN: "made-up-token-0123456789",
    ORQUESTRA_SEARCH_PROVIDER: "brave",
    ORQUESTRA_SEARCH_KEY: "made-up-search-1",
    DATABASE_URL: "postgresql://user:made%2Fup-db-1@h/db",
    REDIS_URL: "redis://:made-up-redis-1@h:6379",
    COMPATIBLE_BASE_URL: "http://me:made-up-proxy-1@127.0.0.1:9/v1",
    GITHUB_TOKEN: "made-up-github-1",
    HTTPS_PROXY: "http://me:made-up-way-out-1@proxy.example:8080",
    SSH_KEY_FILE: "/home/made/up/key",
  };

  it("are things that nothing prints", () => {
    expect(inspect(read({}, environment), { depth: 9, showHidden: true })).not.toMatch(
      /made-up-(?:openai|token|search|db|redis)/,
    );
    expect(JSON.stringify(read({}, environment))).not.toMatch(/made-up-(?:openai|token|search|db|redis)/);
  });

  it("are known from wherever they come, those of others in the environment too", () => {
    write(".orquestra/orquestra.yaml", "anthropic-api-key: made-up-anthropic-1\n");
    const { redactor, exposed } = read({}, environment);
    const told =
      "made-up-openai-1 made-up-token-0123456789 made-up-search-1 made/up-db-1 made%2Fup-db-1 made-up-redis-1 made-up-proxy-1 " +
      "made-up-github-1 made-up-way-out-1 made-up-anthropic-1";
    expect(redactor.text(told)).toBe(
      "[secret OPENAI_API_KEY] [secret ORQUESTRA_TOKEN] [secret ORQUESTRA_SEARCH_KEY] [secret DATABASE_URL] [secret DATABASE_URL] " +
        "[secret REDIS_URL] [secret COMPATIBLE_BASE_URL] [secret GITHUB_TOKEN] [secret HTTPS_PROXY] [secret ANTHROPIC_API_KEY]",
    );
    expect(redactor.text("/home/made/up/key")).toBe("/home/made/up/key");
    expect(exposed).toEqual([]);
  });

  it("that could be any word stay readable, which is said, and not together with their user", () => {
    const { redactor, exposed } = read({}, { DATABASE_URL: "postgres://postgres:postgres@h/db", COMPATIBLE_API_KEY: "none" });
    expect(redactor.text("postgres at postgres://postgres:postgres@h/db")).toBe(
      "postgres at postgres://[secret DATABASE_URL]h/db",
    );
    expect(exposed).toEqual([
      "COMPATIBLE_API_KEY cannot be kept out of what is written and sent: it has fewer than 8 characters. Use a longer one.",
      "DATABASE_URL cannot be kept out of what is written and sent: it is a plain word of fewer than 16 characters. Use a longer one.",
    ]);
  });
});

describe("settings that are bad", () => {
  const port = "must be a port from 0 to 65535";
  const hosts = "must be hosts as browsers send them, like orquestra.example.org or orquestra.example.org:4310, parted by commas";
  const origins = "must be origins like https://orquestra.example.org, without a path, parted by commas";
  const model =
    "must be demo or provider/model with a provider of openai, anthropic, compatible, cursor; a comma makes a fallback chain";
  const token = "must have at least 16 characters, without spaces";

  it.each<[variable: string, text: string, problem: string]>([
    ["ORQUESTRA_PORT", "http", port],
    ["ORQUESTRA_PORT", "65536", port],
    ["ORQUESTRA_PORT", "-1", port],
    ["ORQUESTRA_PORT", "80.5", port],
    ["ORQUESTRA_HOST", "http://here", "must be a host name or an IP address"],
    ["ORQUESTRA_ALLOWED_HOSTS", "https://a.example", hosts],
    ["ORQUESTRA_ALLOWED_HOSTS", "*", hosts],
    ["ORQUESTRA_ALLOWED_HOSTS", "a.example,,b.example", hosts],
    ["ORQUESTRA_ALLOWED_ORIGINS", "a.example", origins],
    ["ORQUESTRA_ALLOWED_ORIGINS", "https://a.example/", origins],
    ["ORQUESTRA_ALLOWED_ORIGINS", "null", origins],
    ["ORQUESTRA_ALLOWED_ORIGINS", "*", origins],
    ["ORQUESTRA_MODEL", "gpt-5", model],
    ["ORQUESTRA_MODEL", "openai/", model],
    ["ORQUESTRA_MODEL", "openai/a,", model],
    ["ORQUESTRA_PLAN_FORMAT", "yaml", "must be lines, json or tools"],
    ["ORQUESTRA_EMBED_APPROVALS", "yes", "must be true or false"],
    ["ORQUESTRA_MODE", "yolo", "must be plan, ask, workspace or headless"],
    ["OPENAI_BASE_URL", "ftp://x", "must be an http or https URL"],
    ["COMPATIBLE_BASE_URL", "localhost", "must be an http or https URL"],
    ["ORQUESTRA_SEARCH_PROVIDER", "altavista", "must be searxng, brave or tavily"],
    ["ORQUESTRA_EMBEDDINGS", "remote", "must be none, local or compatible/MODEL"],
    ["ORQUESTRA_REDIS_PREFIX", "a:b", "must be up to 64 letters, digits, dots, hyphens or underscores"],
    ["LOG_LEVEL", "loud", "must be fatal, error, warn, info, debug, trace or silent"],
  ])("stops at %s=%s with one line that names it and says what it must be", (variable, text, problem) => {
    expect(problems({}, { [variable]: text })).toEqual([`${variable}: ${problem} (it is ${JSON.stringify(text)})`]);
  });

  it.each<[variable: string, text: string, problem: string]>([
    ["ORQUESTRA_TOKEN", "short", token],
    ["ORQUESTRA_TOKEN", "with spaces in the middle", token],
    ["DATABASE_URL", "mysql://x/y", "must be a postgres:// URL"],
    ["REDIS_URL", "http://x", "must be a redis:// or rediss:// URL"],
    ["ORQUESTRA_PROT", "4310", "unknown setting; orquestra --help lists them"],
  ])("stops at %s=%s without repeating what it is", (variable, text, problem) => {
    expect(problems({}, { [variable]: text })).toEqual([`${variable}: ${problem}`]);
  });

  it("never repeats a secret", () => {
    const lines = problems({}, { ORQUESTRA_TOKEN: "my secret", DATABASE_URL: "mysql://u:hunter2@h/db" });
    expect(lines).toHaveLength(2);
    expect(lines.join()).not.toMatch(/my secret|hunter2/);
  });

  it.each<[environment: { readonly [name: string]: string }, problem: string]>([
    [
      { ORQUESTRA_SEARCH_URL: "http://127.0.0.1:8888" },
      "ORQUESTRA_SEARCH_PROVIDER: must be searxng or brave or tavily, as ORQUESTRA_SEARCH_URL is set",
    ],
    [
      { ORQUESTRA_SEARCH_KEY: "made-up-key" },
      "ORQUESTRA_SEARCH_PROVIDER: must be searxng or brave or tavily, as ORQUESTRA_SEARCH_KEY is set",
    ],
    [
      { ORQUESTRA_SEARCH_PROVIDER: "searxng" },
      "ORQUESTRA_SEARCH_URL: must be the address of your SearXNG, like http://127.0.0.1:8888",
    ],
    [
      {
        ORQUESTRA_SEARCH_PROVIDER: "searxng",
        ORQUESTRA_SEARCH_URL: "http://127.0.0.1:8888",
        ORQUESTRA_SEARCH_KEY: "made-up-key",
      },
      "ORQUESTRA_SEARCH_KEY: must be left out, as SearXNG takes no key",
    ],
    [
      { ORQUESTRA_SEARCH_PROVIDER: "searxng", ORQUESTRA_SEARCH_URL: "http://user:made-up@127.0.0.1:8888" },
      "ORQUESTRA_SEARCH_URL: must be an address without a user name or password",
    ],
    [{ ORQUESTRA_SEARCH_PROVIDER: "brave" }, "ORQUESTRA_SEARCH_KEY: must be the key of brave, which answers nobody without one"],
    [
      { ORQUESTRA_SEARCH_PROVIDER: "tavily", ORQUESTRA_SEARCH_URL: "https://tavily.example" },
      "ORQUESTRA_SEARCH_KEY: must be the key of tavily, which answers nobody without one",
    ],
    [
      { ORQUESTRA_SEARCH_PROVIDER: "brave", ORQUESTRA_SEARCH_KEY: "made up" },
      "ORQUESTRA_SEARCH_KEY: must be the key alone, without spaces",
    ],
  ])("says what a search for the web lacks: %o", (environment, problem) => {
    expect(problems({}, environment)).toEqual([problem]);
  });

  it("does not share the embedded database", () => {
    expect(problems({}, { REDIS_URL: "redis://:made-up@127.0.0.1:6379" })).toEqual([
      "REDIS_URL: needs DATABASE_URL too, as the embedded database belongs to one process and cannot be shared by several",
    ]);
  });

  it("tells all that is wrong at once", () => {
    write(".orquestra/orquestra.yaml", "colour: red\nmode: fast\n");
    expect(problems({ port: "x" }, { LOG_LEVEL: "loud", ORQUESTRA_COLOUR: "red" })).toEqual([
      expect.stringMatching(/^ORQUESTRA_COLOUR: unknown setting/),
      expect.stringMatching(/orquestra\.yaml: unknown setting "colour"$/),
      expect.stringMatching(/^--port: must be a port .*\(it is "x"\)$/),
      expect.stringMatching(/orquestra\.yaml: mode: /),
      expect.stringMatching(/^LOG_LEVEL: /),
    ]);
  });

  it.each([
    ["a list", "- port\n", 'must hold lines like "port: 4310"'],
    ["nested settings", "server:\n  port: 1\n", 'must hold lines like "port: 4310"'],
    [
      "its own folder",
      "data-dir: /elsewhere\n",
      "data-dir cannot be set here, as this file may lie in it; use ORQUESTRA_DATA_DIR",
    ],
    ["a setting nobody knows", "colour: red\n", 'unknown setting "colour"'],
  ])("stops at a file that holds %s", (_what, text, problem) => {
    const path = write(".orquestra/orquestra.yaml", text);
    expect(problems()).toEqual([`${path}: ${problem}`]);
  });

  it("stops at a file that is no YAML", () => {
    const path = write(".orquestra/orquestra.yaml", "port: [1\n");
    expect(problems()).toEqual([expect.stringMatching(new RegExp(`^${path}: is not YAML \\(.+\\)$`))]);
  });

  it.each([
    ["neither token nor host", {}],
    ["no allowed host", { ORQUESTRA_TOKEN: beyond.ORQUESTRA_TOKEN }],
    ["no token", { ORQUESTRA_ALLOWED_HOSTS: beyond.ORQUESTRA_ALLOWED_HOSTS }],
  ])("does not listen beyond this machine with %s", (_what, environment) => {
    for (const host of ["0.0.0.0", "::", "192.168.1.2", "box.example", "127.0.0.1.example.org"]) {
      const [line] = problems({}, { ORQUESTRA_HOST: host, ...environment });
      expect(line).toMatch(/^ORQUESTRA_HOST: .*ORQUESTRA_TOKEN and ORQUESTRA_ALLOWED_HOSTS/);
    }
  });

  it.skipIf(process.getuid?.() === 0)("says so when the file cannot be read", () => {
    chmodSync(write(".orquestra/orquestra.yaml", "port: 1\n"), 0);
    expect(problems()).toEqual([expect.stringMatching(/orquestra\.yaml: cannot be read/)]);
  });
});
