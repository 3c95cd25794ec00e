import type { Json } from "@orquestra/protocol";
import { manifestHash } from "../approval-hash.ts";
import { type JudgedCall, type ProposedCall, labelOfArgument } from "../call.ts";
import { frozenJsonObject, hashJson } from "../canonical-json.ts";
import { escapeLine } from "../escape-invisible.ts";
import type { EffectiveMode } from "../built-in-policy.ts";
import type { CallFacts } from "./audit-entry.ts";

/** Characters of one argument, and of all of them, in the line for the eye. */
const longestValue = 60;
const longestSummary = 200;
/** So many are looked at for secrets before the rest is cut off, so that none is cut in two. */
const looked = 4096;

interface Seen {
  readonly mode: EffectiveMode;
  readonly redacted: (text: string) => string;
}

export function callFacts(call: ProposedCall, { mode, redacted }: Seen): CallFacts {
  const args = frozenJsonObject(call.args);
  const { tool, control, workspace, user } = call;
  return {
    tool: tool.name,
    call: hashJson({ tool: tool.name, args }),
    manifest: manifestHash(tool),
    effects: tool.effects,
    summary: summaryOf(tool, args, redacted),
    control: control.integrity,
    arguments: Object.fromEntries(Object.keys(args).map((name) => [escapeLine(name), labelOfArgument(call, name).integrity])),
    mode,
    workspace: workspace?.root ?? null,
    user: { id: user.id, tenant: user.tenant },
  };
}

/** Where it lands, in words; what it carries there stays out: the audit outlives the session that it belongs to. */
function summaryOf(tool: ProposedCall["tool"], args: JudgedCall["args"], redacted: Seen["redacted"]): string {
  const values = Object.entries(args).map(([name, value]: [string, Json]) => {
    if (!tool.critical.includes(name)) return `${escapeLine(name)}: …`;
    const text = typeof value === "string" ? JSON.stringify(value.slice(0, looked)) : JSON.stringify(value).slice(0, looked);
    return `${name}: ${cut(escapeLine(redacted(text)), longestValue)}`;
  });
  return cut(`${escapeLine(tool.name)}(${values.join(", ")})`, longestSummary);
}

function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
