import type { PolicyRule } from "../../permissions/index.ts";
import type { RuleRecord, Store } from "../../persistence/index.ts";
import type { AnyTool, User } from "../../tools/index.ts";
import type { Suite, SuiteCall } from "./suite.ts";

interface Allowed {
  readonly suite: Suite;
  readonly tools: readonly AnyTool[];
  readonly user: User;
  readonly workspace: string;
}

/** A standing rule for every tool with an effect, whatever its arguments, and one for every command. */
export async function allowAll(store: Store, { suite, tools, user, workspace }: Allowed): Promise<void> {
  const at = "2026-01-01T00:00:00.000Z";
  const effectful = tools.filter(({ effects }) => effects.some((effect) => effect !== "read"));
  const whole = effectful.map(({ name }) => ({ tool: name, match: {} }));
  const commands = commandsIn(suite).map(({ tool, args }) => ({ tool, match: args }));
  const changes = [...whole, ...commands].map(({ tool, match }, index) => {
    const text = `Always allow ${tool} in this workspace.`;
    const scope = { userId: user.id, workspace, tool, match };
    const record: RuleRecord = { id: `rule-${index}`, ...scope, decision: "allow", text, createdAt: at };
    return { put: "rules", record } as const;
  });
  await store.commit({ sessionId: null, events: [], changes, at });
}

/** The same as a policy. */
export function policyAllowing(suite: Suite): readonly PolicyRule[] {
  const commands = commandsIn(suite).map(({ tool, args }): PolicyRule => {
    const when = Object.fromEntries(Object.entries(args).map(([name, value]) => [name, { equals: value }]));
    return { tool, when, decision: "allow" };
  });
  return [{ tool: "*", decision: "allow" }, ...commands];
}

/** Rules allow a command only word for word, so each has one of its own; the attacker's too. */
function commandsIn({ tools, tasks, injections }: Suite): readonly SuiteCall[] {
  const runners = new Set(tools.filter(({ effects }) => effects.includes("exec")).map(({ name }) => name));
  return [...tasks, ...injections].flatMap(({ calls }) => calls).filter(({ tool }) => runners.has(tool));
}
