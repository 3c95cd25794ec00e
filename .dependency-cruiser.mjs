// The house plan: which room may open which other room's door. Nothing else is allowed.
const rooms = {
  websocket: ["orchestrator", "permissions"],
  orchestrator: ["tools", "llm-provider", "context", "permissions", "persistence"],
  context: ["tools", "llm-provider", "persistence"],
  permissions: ["tools", "persistence"],
  tools: ["llm-provider", "persistence"],
  "llm-provider": [],
  persistence: [],
};
// Vendors live in one room only, so a provider's shapes cannot leak into the rest of the house.
const vendors = {
  "llm-provider": ["openai", "@anthropic-ai/sdk", "eventsource-parser", "@agentclientprotocol/sdk"],
  persistence: ["pg", "@electric-sql/", "kysely", "bullmq", "ioredis"],
  websocket: ["ws"],
  tools: ["@vscode/ripgrep", "diff", "undici", "ipaddr.js", "@mozilla/", "linkedom", "turndown"],
  permissions: ["unbash"],
};
const src = "^packages/core/src/";
const tests = ["\\.test\\.tsx?$", "\\.fixture\\.ts$", "-harness\\.ts$", "/e2e/", "/browser/", "^architecture/"];
const testing = `${src}testing/`;
const composition = [`${src}(create-orquestra|index)\\.ts$`, testing, ...tests];
const names = Object.keys(rooms).join("|");

export default {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    ...Object.entries(rooms).map(([room, allowed]) => ({
      name: `${room}-opens-only-its-doors`,
      severity: "error",
      from: { path: `${src}${room}/`, pathNot: tests },
      to: { path: `${src}(${names})/`, pathNot: `${src}(${[room, ...allowed].join("|")})/` },
    })),
    {
      name: "rooms-have-one-door",
      comment: "Import a room through its index.ts; its adapters are wired only by the composition root.",
      severity: "error",
      from: { path: `${src}(${names})/`, pathNot: tests },
      to: { path: `${src}(${names})/`, pathNot: [`${src}$1/`, `${src}[^/]+/index\\.ts$`] },
    },
    {
      name: "adapters-are-opened-by-composition-only",
      severity: "error",
      from: { path: "^(packages|apps)/", pathNot: [`${src}(${names})/`, ...composition] },
      to: { path: `${src}(${names})/[^/]+/` },
    },
    {
      name: "testing-stays-in-tests",
      severity: "error",
      from: { pathNot: [testing, "^examples/", "^bench/", "^eval/", "^chaos/", ...tests] },
      to: { path: testing },
    },
    { name: "lib-knows-no-room", severity: "error", from: { path: `${src}lib/` }, to: { path: `${src}(${names}|testing)/` } },
    ...Object.entries(vendors).map(([room, packages]) => ({
      name: `vendors-of-${room}-stay-there`,
      severity: "error",
      from: {
        path: "^(packages|apps)/",
        pathNot: [`${src}${room}/`, testing, "^packages/client/src/node\\.ts$", ...tests],
      },
      to: { path: packages.map((name) => `node_modules/(@types/)?${name.replace(/\/$/, "/[^/]+")}/`) },
    })),
    {
      name: "protocol-runs-anywhere",
      severity: "error",
      from: { path: "^packages/protocol/src", pathNot: tests },
      to: { pathNot: "^packages/protocol/src|node_modules/zod" },
    },
    {
      name: "client-sees-only-protocol",
      severity: "error",
      from: { path: "^packages/client/", pathNot: tests },
      to: { path: "^(packages|apps)/(?!protocol|client)" },
    },
    {
      name: "sidebar-sees-only-client",
      severity: "error",
      from: { path: "^packages/sidebar/", pathNot: tests },
      to: { path: "^(packages|apps)/(?!protocol|client|sidebar)" },
    },
    {
      name: "web-sees-only-sidebar",
      severity: "error",
      from: { path: "^apps/web/", pathNot: tests },
      to: { path: "^(packages/(?!protocol|client|sidebar)|apps/(?!web))" },
    },
    {
      name: "browser-is-not-node",
      severity: "error",
      from: { path: "^(apps/web/src|packages/(client|sidebar|protocol)/src)/", pathNot: ["^packages/client/src/node\\.ts$", "/testing/", "/browser/", ...tests] },
      to: { dependencyTypes: ["core"] },
    },
    { name: "not-declared", severity: "error", from: { pathNot: tests }, to: { dependencyTypes: ["npm-no-pkg", "npm-unknown", "unknown"] } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.check.json" },
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(packages|apps)/[^/]+/(dist|\\.cache)/" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["@orquestra/source", "types", "import", "default"],
      extensions: [".ts", ".tsx", ".js", ".d.ts"],
    },
  },
};
