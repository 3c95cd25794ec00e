import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { Clock } from "../../lib/clock.ts";
import type { LanguageModel } from "../../llm-provider/index.ts";
import { createOpenAiModel } from "../../llm-provider/openai/index.ts";
import type { WorkspaceRoots } from "../../orchestrator/index.ts";
import { type AnyTool, type Tool, defineTool } from "../../tools/index.ts";

/** An answer that is nothing but a plan. */
export function plan(...lines: readonly string[]): string {
  return ["```plan", ...lines, "```"].join("\n");
}

export interface ProjectFolder {
  readonly path: string;
  readonly workspaces: WorkspaceRoots;
  write(file: string, content: string | Buffer): void;
  remove(): void;
}

/** A real folder that a session may work on. */
export function projectFolder(files: { readonly [path: string]: string | Buffer } = {}): ProjectFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "orquestra-integration-")));
  const write = (file: string, content: string | Buffer): void => {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), content);
  };
  for (const [file, content] of Object.entries(files)) write(file, content);
  return {
    path,
    workspaces: { start: path, list: () => [path] },
    write,
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** The real adapter for OpenAI's kind, talking to a scripted server. */
export function modelAt(baseUrl: string, options: { readonly tools?: boolean } = {}): LanguageModel {
  const named = { id: "compatible/scripted", provider: "compatible", model: "scripted", planFormat: "lines" } as const;
  return createOpenAiModel({ ...named, ...options, baseUrl, api: "chat" });
}

/** A clock that only a test turns. */
export function handClock(start = Date.parse("2026-11-22T12:00:00.000Z")): Clock & { turn(milliseconds: number): void } {
  let now = start;
  return {
    now: () => now,
    turn: (milliseconds) => {
      now += milliseconds;
    },
  };
}

const quiet = { critical: [], integrity: "inputs", idempotent: false, undoable: false, timeoutMs: 10_000 } as const;

/** A read that gives its argument back, with the label of what went in. */
export const echo: AnyTool = defineTool({
  ...quiet,
  name: "echo",
  description: "Gives back what it got.",
  effects: ["read"],
  idempotent: true,
  input: z.object({ value: z.string() }),
  output: z.object({ value: z.string() }),
  run: async ({ value }) => ({ value }),
});

/** A page from the web: nobody vouches for what it says. */
export const page: AnyTool = defineTool({
  ...quiet,
  name: "page",
  description: "Reads a page.",
  effects: ["read"],
  integrity: "outside",
  idempotent: true,
  input: z.object({ address: z.string() }),
  output: z.object({ text: z.string() }),
  run: async ({ address }) => ({ text: `text of ${address}` }),
});

const changeInput = z.object({ what: z.string(), text: z.string().optional() });

/** Changes `what` in the world, which the ledger tells. What it does before it is done is the test's. */
export function changing(
  ledger: string[],
  meanwhile: (call: Parameters<Tool["run"]>[1]) => Promise<unknown> = () => Promise.resolve(),
): AnyTool {
  return defineTool({
    ...quiet,
    name: "change",
    description: "Changes something.",
    effects: ["write"],
    critical: ["what"],
    input: changeInput,
    output: z.object({ changed: z.string() }),
    touches: ({ what }) => ({ reads: [], writes: [what] }),
    run: async ({ what }, call) => {
      ledger.push(what);
      await meanwhile(call);
      return { changed: what };
    },
  });
}
