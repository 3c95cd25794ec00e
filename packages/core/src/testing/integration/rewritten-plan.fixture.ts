import type { Json } from "@orquestra/protocol";
import { z } from "zod";
import { type AnyTool, defineTool } from "../../tools/index.ts";
import { tick } from "./dying-store.fixture.ts";
import type { SeededRandom } from "./random.fixture.ts";

/** One effect of a plan, named by what it does to the world. */
export interface Step {
  readonly tool: "put" | "send" | "run";
  readonly place: string;
}

/** Tools that tell the ledger which effect happened, however the call was written. */
export function toolsOf(ledger: string[], isDead: () => boolean): readonly AnyTool[] {
  const quiet = { integrity: "system", idempotent: false, timeoutMs: 5000, output: z.null() } as const;
  const alive = async (): Promise<void> => {
    await tick();
    if (isDead()) await new Promise(() => undefined);
  };
  const happen = async (effect: string): Promise<null> => {
    await alive();
    ledger.push(effect);
    await alive();
    return null;
  };
  return [
    defineTool({
      ...quiet,
      name: "put",
      description: "Writes a file.",
      effects: ["write"],
      critical: ["path"],
      undoable: true,
      input: z.object({ path: z.string(), text: z.string().optional() }),
      touches: ({ path }) => ({ reads: [], writes: [path] }),
      run: ({ path }) => happen(named("put", { path })),
    }),
    defineTool({
      ...quiet,
      name: "send",
      description: "Sends something.",
      effects: ["egress"],
      critical: ["to"],
      input: z.object({ to: z.string(), text: z.string().optional(), urgent: z.boolean().optional() }),
      run: ({ to }) => happen(named("send", { to })),
    }),
    defineTool({
      ...quiet,
      name: "run",
      description: "Runs a command.",
      effects: ["exec", "write"],
      critical: ["command", "cwd"],
      input: z.object({ command: z.string(), cwd: z.string().optional() }),
      touches: () => ({ reads: "workspace", writes: "workspace" }),
      run: ({ command }) => happen(named("run", { command })),
    }),
    defineTool({
      ...quiet,
      name: "look",
      description: "Looks.",
      effects: ["read"],
      input: z.object({ at: z.string() }),
      run: async () => {
        await alive();
        return null;
      },
    }),
  ];
}

export function effectOf({ tool, place }: Step): string {
  return `${tool} ${place}`;
}

export function stepsOf(random: SeededRandom): readonly Step[] {
  const places = { put: "src/f", send: "person", run: "npm run job" } as const;
  return Array.from({ length: random.between(2, 4) }, (_, index) => {
    const tool = (["put", "send", "run"] as const)[(index + random.between(0, 1)) % 3] ?? "put";
    return { tool, place: `${places[tool]}${index}${tool === "put" ? ".ts" : ""}` };
  });
}

/** The same steps in other words: other numbers and titles, another order of arguments, other spaces, defaults written out. */
export function written(steps: readonly Step[], random: SeededRandom, from: number): readonly string[] {
  const chance = (): boolean => random.between(0, 1) === 1;
  let number = from;
  return steps.flatMap((step) => {
    const lines = chance() ? [`${(number += 1)}. look("${random.between(0, 99)}")`] : [];
    const title = chance() ? ` # ${["Do it", "Once more", "Step"][random.between(0, 2)] ?? ""} ${number}` : "";
    return [...lines, `${(number += 1)}. ${callText(step, { chance, random })}${title}`];
  });
}

interface Chances {
  readonly chance: () => boolean;
  readonly random: SeededRandom;
}

function callText({ tool, place }: Step, { chance, random }: Chances): string {
  const spaced = chance() ? place.replaceAll(" ", "  ") : place;
  if (tool === "run") return `run(command: "${chance() ? ` ${spaced}` : spaced}"${chance() ? ', cwd: "."' : ""})`;
  if (tool === "put") {
    const path = `path: "${chance() ? `./${place}` : place.replace("src/", chance() ? "src//" : "src/")}"`;
    const text = chance() ? `text: "version ${random.between(0, 9)}"` : "";
    return `put(${(chance() ? [path, text] : [text, path]).filter((part) => part !== "").join(", ")})`;
  }
  const parts = [
    `to: "${place}${chance() ? " " : ""}"`,
    chance() ? `text: "hello ${random.between(0, 9)}"` : "",
    chance() ? "urgent: false" : "",
  ];
  return `send(${(chance() ? parts : parts.toReversed()).filter((part) => part !== "").join(", ")})`;
}

export function named(tool: string, args: { readonly [name: string]: Json }): string {
  const place = args["path"] ?? args["to"] ?? args["command"];
  if (typeof place !== "string") throw new Error(`${tool} says nothing of its place`);
  return `${tool} ${place.trim().replaceAll(/\s+/g, " ").replaceAll("./", "").replaceAll("//", "/")}`;
}
