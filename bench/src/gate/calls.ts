import { builtInTools } from "@orquestra/core";
import {
  type AuthorizationContext,
  type ProposedCall,
  authorize,
  compilePolicy,
  noPolicy,
  policyHash,
} from "@orquestra/core/testing";

/** A call and the world it is judged in. `expected` keeps the figure honest: what is measured is that answer. */
export interface GateCase {
  readonly name: string;
  readonly expected: "allow" | "ask" | "deny";
  readonly run: () => "allow" | "ask" | "deny";
}

const root = "/home/ada/project";

export function gateCases(): readonly GateCase[] {
  const ask = contextWith({ reach: "ask", attended: true }, noPolicy);
  const workspace = contextWith({ reach: "workspace", attended: true }, noPolicy);
  const ruled = contextWith({ reach: "ask", attended: true }, fiftyRules());
  const read = callOf("file_read", { path: "src/deep/down/a.ts" });
  const edit = callOf("file_edit", { path: "src/a.ts", find: "let a = 1;\n", replace: `let a = 2;\n${"// why\n".repeat(40)}` });
  const command = callOf("shell", { command: "npm test -- --run src/a.test.ts" });
  return [
    caseOf("a read that is allowed", "allow", [read, ask]),
    caseOf("an edit that asks", "ask", [edit, ask]),
    caseOf("an edit that runs by itself", "allow", [edit, workspace]),
    caseOf("a read under 50 rules", "allow", [read, ruled]),
    caseOf("an edit under 50 rules that asks", "ask", [edit, ruled]),
    caseOf("a command that asks", "ask", [command, workspace]),
    caseOf("a command that runs in the sandbox", "allow", [command, { ...workspace, commands: sandboxed }]),
    caseOf("a command under 50 rules", "ask", [command, ruled]),
  ];
}

function caseOf(
  name: string,
  expected: GateCase["expected"],
  [call, context]: readonly [ProposedCall, AuthorizationContext],
): GateCase {
  return { name, expected, run: () => authorize(call, context).decision };
}

const sandboxed = { sandbox: "bubblewrap", undo: { covered: true } } as const;

function contextWith(mode: AuthorizationContext["mode"], policy: AuthorizationContext["policy"]): AuthorizationContext {
  return {
    mode,
    policy,
    policyHash: policyHash(mode, policy),
    rules: [],
    grants: [],
    executed: new Map(),
    landed: [],
    ownFolders: ["/home/ada/.orquestra"],
    commands: { sandbox: "none", undo: { covered: false, why: "Nothing keeps it." } },
    now: 0,
  };
}

function callOf(name: string, args: ProposedCall["args"]): ProposedCall {
  const tool = builtInTools().find((one) => one.name === name);
  if (tool === undefined) throw new Error(`There is no tool ${name}.`);
  return {
    tool,
    args,
    argumentLabels: { "/path": { integrity: "workspace", confidentiality: ["user:ada"] } },
    control: { integrity: "workspace", confidentiality: ["user:ada"] },
    user: { id: "ada", tenant: "t", name: "Ada", metadata: {} },
    workspace: { root, trusted: true },
    sessionId: "s",
    runId: "r",
    todoId: "t1",
  };
}

/** Of the kinds people write; half of them speak of the tools that are called, and all must be looked at to see that none matches. */
function fiftyRules(): AuthorizationContext["policy"] {
  const rules = Array.from({ length: 10 }, (_, index) => [
    { tool: "file_edit", when: { path: { pathWithin: [`packages/part-${index}`] } }, decision: "allow" as const, line: null },
    { tool: "file_read", when: { path: { pathWithin: [`private/part-${index}`] } }, decision: "deny" as const, line: null },
    { tool: "shell", when: { command: { in: [`npm run job-${index}`] } }, decision: "deny" as const, line: null },
    { tool: "web_*", when: { url: { hostIn: [`*.part-${index}.example`] } }, decision: "allow" as const, line: null },
    { tool: "*", effect: ["spend" as const], decision: "ask" as const, line: null },
  ]).flat();
  return compilePolicy([{ kind: "rules", layer: "user", rules }]);
}
