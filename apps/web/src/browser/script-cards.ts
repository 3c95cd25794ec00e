import type { ApprovalTodo, FileDiff } from "@orquestra/protocol";

export const outside = { integrity: "outside", confidentiality: "public" } as const;
export const user = { integrity: "user", confidentiality: "public" } as const;
export const workspace = { integrity: "workspace", confidentiality: "public" } as const;

export const chargeDiff: FileDiff = {
  path: "src/payments/client.ts",
  status: "changed",
  added: 2,
  removed: 1,
  hunks: [
    {
      id: "h1",
      oldStart: 12,
      oldLines: 3,
      newStart: 12,
      newLines: 4,
      lines: [
        { kind: "context", text: "export async function charge(order: Order) {" },
        { kind: "removed", text: "  await gateway.post('/charge', order)" },
        { kind: "added", text: "  await retry(() => gateway.post('/charge', order)," },
        { kind: "added", text: "    { attempts: 3, after: retryAfter })" },
      ],
    },
  ],
};

export const readmeDiff: FileDiff = {
  path: "docs/payments.md",
  status: "created",
  added: 3,
  removed: 0,
  hunks: [
    {
      id: "h2",
      oldStart: 0,
      oldLines: 0,
      newStart: 1,
      newLines: 3,
      lines: [
        { kind: "added", text: "# Payments" },
        { kind: "added", text: "" },
        { kind: "added", text: "A charge is tried three times. Between tries the client waits as long as `Retry-After` says." },
      ],
    },
  ],
};

export const diffs: readonly FileDiff[] = [chargeDiff, readmeDiff];

export const edit: ApprovalTodo = {
  todoId: "t5",
  effects: ["write"],
  summary: "change src/payments/client.ts: 2 lines added, 1 removed",
  arguments: {
    path: "src/payments/client.ts",
    old: "await gateway.post('/charge', order)",
    new: "await retry(() => gateway.post('/charge', order), { attempts: 3, after: retryAfter })",
  },
  provenance: [
    { argument: "/path", integrity: "workspace", source: "written by the model, which had read text of a folder you trust" },
  ],
  control: workspace,
  undoable: true,
  reasons: ["Mode ask: every change asks."],
  diff: [chargeDiff],
  rule: "file_edit in /home/ann/shop-api, path src/payments/client.ts",
  denyRule: 'Never allow file_edit in this workspace when path is "src/payments/client.ts".',
};

export const post: ApprovalTodo = {
  todoId: "t6",
  effects: ["egress"],
  summary: "send POST https://sandbox.gateway.example/ping",
  arguments: { url: "https://sandbox.gateway.example/ping", method: "POST" },
  provenance: [{ argument: "/url", integrity: "outside", source: "copied from t3 (web_fetch), text nobody vouches for" }],
  control: outside,
  undoable: false,
  reasons: ["It was written after text from outside had been read.", "It sends something to another machine."],
};
