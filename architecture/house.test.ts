import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import config from "../.dependency-cruiser.mjs";

const repository = resolve(import.meta.dirname, "..");
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A small house that keeps every rule. */
const clean: Record<string, string> = {
  "packages/protocol/src/index.ts": `import { z } from "zod"; export const schema = z.string();`,
  "packages/core/src/lib/clock.ts": `export const now = 1;`,
  "packages/core/src/persistence/index.ts": `export const store = 1;`,
  "packages/core/src/persistence/pg/index.ts": `import "pg"; export const pg = 1;`,
  "packages/core/src/llm-provider/index.ts": `import "openai"; export const model = 1;`,
  "packages/core/src/tools/index.ts": `import { store } from "../persistence/index.ts"; export const tool = store;`,
  "packages/core/src/permissions/index.ts": `import { tool } from "../tools/index.ts"; export const permission = tool;`,
  "packages/core/src/context/index.ts": `import { tool } from "../tools/index.ts"; export const context = tool;`,
  "packages/core/src/orchestrator/index.ts": `import { permission } from "../permissions/index.ts"; export const engine = permission;`,
  "packages/core/src/websocket/index.ts": `import "ws"; import { engine } from "../orchestrator/index.ts"; export const gateway = engine;`,
  "packages/core/src/testing/index.ts": `export const double = 1;`,
  "packages/core/src/create-orquestra.ts": `import { pg } from "./persistence/pg/index.ts"; export const root = pg;`,
  "packages/core/src/index.ts": `export { root } from "./create-orquestra.ts";`,
  "packages/client/src/index.ts": `import { schema } from "../../protocol/src/index.ts"; export const client = schema;`,
  "packages/sidebar/src/index.ts": `import { client } from "../../client/src/index.ts"; export const sidebar = client;`,
  "apps/web/src/main.ts": `import { sidebar } from "../../../packages/sidebar/src/index.ts"; export const web = sidebar;`,
  "apps/server/src/cli.ts": `import { root } from "../../../packages/core/src/index.ts"; export const cli = root;`,
};

const core = "packages/core/src";
const room = (name: string) => `import * as it from "../${name}/index.ts"; export const planted = it;`;

/** For every rule, a file that breaks it. */
const planted: Record<string, Record<string, string>> = {
  "no-cycles": {
    [`${core}/lib/a.ts`]: `import type { B } from "./b.ts"; export type A = B | 1;`,
    [`${core}/lib/b.ts`]: `import type { A } from "./a.ts"; export type B = A | 2;`,
  },
  "websocket-opens-only-its-doors": { [`${core}/websocket/planted.ts`]: room("tools") },
  "orchestrator-opens-only-its-doors": { [`${core}/orchestrator/planted.ts`]: room("websocket") },
  "context-opens-only-its-doors": { [`${core}/context/planted.ts`]: room("permissions") },
  "permissions-opens-only-its-doors": { [`${core}/permissions/planted.ts`]: room("context") },
  "tools-opens-only-its-doors": { [`${core}/tools/planted.ts`]: room("permissions") },
  "llm-provider-opens-only-its-doors": { [`${core}/llm-provider/planted.ts`]: room("persistence") },
  "persistence-opens-only-its-doors": { [`${core}/persistence/planted.ts`]: room("llm-provider") },
  "rooms-have-one-door": {
    [`${core}/tools/side.ts`]: `import { pg } from "../persistence/pg/index.ts"; export const side = pg;`,
  },
  "adapters-are-opened-by-composition-only": {
    "apps/server/src/adapter.ts": `import { pg } from "../../../${core}/persistence/pg/index.ts"; export const adapter = pg;`,
  },
  "testing-stays-in-tests": {
    [`${core}/orchestrator/double.ts`]: `import { double } from "../testing/index.ts"; export const d = double;`,
  },
  "lib-knows-no-room": { [`${core}/lib/room.ts`]: room("tools") },
  "vendors-of-llm-provider-stay-there": { [`${core}/context/vendor.ts`]: `import "openai";` },
  "vendors-of-persistence-stay-there": { [`${core}/tools/vendor.ts`]: `import "kysely";` },
  "vendors-of-websocket-stay-there": { [`${core}/orchestrator/vendor.ts`]: `import "ws";` },
  "vendors-of-tools-stay-there": { [`${core}/permissions/vendor.ts`]: `import "diff";` },
  "vendors-of-permissions-stay-there": { [`${core}/context/shell.ts`]: `import "unbash";` },
  "protocol-runs-anywhere": { "packages/protocol/src/planted.ts": `import "node:fs";` },
  "client-sees-only-protocol": {
    "packages/client/src/planted.ts": `import * as core from "../../core/src/index.ts"; export const c = core;`,
  },
  "sidebar-sees-only-client": {
    "packages/sidebar/src/planted.ts": `import * as core from "../../core/src/index.ts"; export const c = core;`,
  },
  "web-sees-only-sidebar": {
    "apps/web/src/planted.ts": `import * as core from "../../../packages/core/src/index.ts"; export const c = core;`,
  },
  "browser-is-not-node": { "packages/sidebar/src/node.ts": `import "node:fs";` },
  "not-declared": { [`${core}/lib/undeclared.ts`]: `import "left-pad-that-nobody-declared";` },
};

const reportSchema = z.object({
  summary: z.object({ totalCruised: z.number(), violations: z.array(z.object({ rule: z.object({ name: z.string() }) })) }),
});

/** The rules that a tree breaks. */
function broken(files: Record<string, string>): string[] {
  const folder = mkdtempSync(join(tmpdir(), "orquestra-house-"));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  for (const file of [".dependency-cruiser.mjs", "tsconfig.base.json", "tsconfig.check.json", "package.json"]) {
    cpSync(join(repository, file), join(folder, file));
  }
  for (const one of ["packages/protocol", "packages/core", "packages/client", "packages/sidebar", "apps/server", "apps/web"]) {
    cpSync(join(repository, one, "package.json"), join(folder, one, "package.json"));
  }
  symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
  const cruise = join(repository, "node_modules/.bin/depcruise");
  const run = spawnSync(cruise, ["packages", "apps", "--config", ".dependency-cruiser.mjs", "-T", "json"], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 1e8,
  });
  const { summary } = reportSchema.parse(JSON.parse(run.stdout));
  expect(summary.totalCruised).toBeGreaterThanOrEqual(Object.keys(files).length);
  return [...new Set(summary.violations.map(({ rule }) => rule.name))].toSorted();
}

describe("the house", () => {
  it("passes a clean tree", () => {
    expect(broken(clean)).toEqual([]);
  });

  it("has a planted violation for every rule", () => {
    expect(Object.keys(planted).toSorted()).toEqual(config.forbidden.map(({ name }) => name).toSorted());
  });

  it("catches every planted violation", () => {
    expect(broken(Object.values(planted).reduce((tree, files) => ({ ...tree, ...files }), clean))).toEqual(
      Object.keys(planted).toSorted(),
    );
  });
});
