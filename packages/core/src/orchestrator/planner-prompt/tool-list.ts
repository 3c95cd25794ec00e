import type { Label, PlanFormat } from "@orquestra/protocol";
import { estimateTokens } from "../../context/index.ts";
import type { ModelTool } from "../../llm-provider/index.ts";
import { type AnyTool, type ToolRegistry, describedBy, modelToolOf, signatureOf, toolDescribeName } from "../../tools/index.ts";
import { toolIndex } from "./tool-index.ts";

/** What a model is told of the tools. */
export interface ToolList {
  /** For the prompt: their signatures, and the names of those that are only named. */
  readonly text: string;
  /** For the provider, where calls are native. */
  readonly native: readonly ModelTool[];
  /** Who could have written what is told of them. */
  readonly label: Label;
}

export interface ToolUse {
  readonly format: PlanFormat;
  /** The names of those this user calls most, most first. */
  readonly mostUsed: readonly string[];
  /** The names of those this run has called or looked up, in that order. */
  readonly inRun: readonly string[];
}

/** Tokens up to which all tools are described. A native definition takes about three times a signature. */
const roomForAll: { readonly [format in PlanFormat]: number } = { lines: 1500, json: 1500, tools: 3000 };

/** Tokens for descriptions where there is no room for all. */
const roomForSome = 1400;

/**
 * All tools, or where they are too many the ones that are most used, with the others by name and a tool that describes them. The
 * order is that of the registry, whatever is used, and what the run looks up comes behind: providers find their cache again.
 */
export function toolListFor(tools: ToolRegistry, { format, mostUsed, inRun }: ToolUse): ToolList {
  const all = tools.list();
  const describe = tools.get(toolDescribeName);
  const cost = format === "tools" ? nativeTokens : textTokens;
  if (describe === null || sumOf(all, cost) <= roomForAll[format]) return listOf(format, { described: all, named: [] });
  const chosen = mostWanted(all, mostUsed, { cost, room: roomForSome - cost(describe) });
  const added = inRun.flatMap((name) => tools.get(name) ?? []).filter((tool) => !chosen.has(tool) && tool !== describe);
  const described = [describe, ...all.filter((tool) => chosen.has(tool)), ...added];
  return listOf(format, { described, named: all.filter((tool) => !described.includes(tool)) });
}

interface Chosen {
  readonly described: readonly AnyTool[];
  readonly named: readonly AnyTool[];
}

function listOf(format: PlanFormat, { described, named }: Chosen): ToolList {
  const index = named.length === 0 ? [] : [toolIndex(named.map(({ name }) => name))];
  const label: Label = { integrity: describedBy(described), confidentiality: "public" };
  if (format === "tools") return { text: index.join(""), native: described.map(modelToolOf), label };
  return { text: [...described.map(textOf), ...index].join("\n"), native: [], label };
}

/** Stubs in every prompt point at it. */
const essential = ["recall"];

type Cost = (tool: AnyTool) => number;

/** As many as there is room for: the essential ones, then the most used, then by their order. */
function mostWanted(
  tools: readonly AnyTool[],
  mostUsed: readonly string[],
  { cost, room }: { readonly cost: Cost; readonly room: number },
): ReadonlySet<AnyTool> {
  const wanted = new Map([...new Set([...essential, ...mostUsed])].map((name, rank) => [name, rank]));
  const rank = ({ name }: AnyTool): number => wanted.get(name) ?? wanted.size;
  const chosen = new Set<AnyTool>();
  let left = room;
  for (const tool of tools.toSorted((a, b) => rank(a) - rank(b))) {
    if (cost(tool) > left) continue;
    left -= cost(tool);
    chosen.add(tool);
  }
  return chosen;
}

function sumOf(tools: readonly AnyTool[], cost: Cost): number {
  return tools.reduce((sum, tool) => sum + cost(tool), 0);
}

const textTokens = remembered((tool) => estimateTokens(`${textOf(tool)}\n`));
const nativeTokens = remembered((tool) => estimateTokens(JSON.stringify(modelToolOf(tool))));
/** Its signature with its sentence. */
const textOf = remembered((tool) => `${signatureOf(tool)}  ${tool.description}`);

function remembered<T>(make: (tool: AnyTool) => T): (tool: AnyTool) => T {
  const made = new WeakMap<AnyTool, T>();
  return (tool) => {
    const value = made.get(tool) ?? make(tool);
    made.set(tool, value);
    return value;
  };
}
