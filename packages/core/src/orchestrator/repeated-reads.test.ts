import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { startEngine } from "../testing/engine-harness.ts";
import { scriptedModel } from "../testing/scripted-model.ts";
import { builtInTools } from "../tools/index.ts";

const folder = mkdtempSync(join(tmpdir(), "orquestra-repeated-"));
const workspaces = { start: folder, list: () => [folder] };
afterAll(() => rmSync(folder, { recursive: true }));

const plan = (line: string): { readonly text: string } => ({ text: `\`\`\`plan\n${line}\n\`\`\`` });

async function ask(...lines: readonly string[]) {
  const model = scriptedModel([...lines.map(plan), { text: "Done." }]);
  const harness = await startEngine({ model, workspaces, tools: builtInTools() });
  await harness.command("workspace-trust", { workspace: folder, trusted: true });
  const session = await harness.session({ mode: "workspace" });
  const runId = await session.say("go");
  return { harness, session, runId };
}

it("a file that is read again after each change is read without asking", async () => {
  const write = (text: string): string => `1. file_write("a.txt", ${JSON.stringify(text)})\n2. file_read("a.txt")`;
  const { harness, session, runId } = await ask(write("1"), write("2"), write("3"), write("4"));
  expect(await session.ended(runId)).toMatchObject({ type: "run-completed" });
  expect(session.all("approval-requested")).toEqual([]);
  expect(session.all("todo-completed")).toHaveLength(8);
  await harness.close();
});

it("a file that is read for the third time with nothing changed between pauses the run", async () => {
  const { harness, session, runId } = await ask(
    '1. file_write("b.txt", "b")',
    '2. file_read("b.txt")',
    '3. file_read("b.txt")',
    '4. file_read("b.txt")',
  );
  const card = await session.until("approval-requested");
  expect(card.data).toMatchObject({ kind: "repeat", todos: [{ todoId: "t4" }] });
  await session.command("approval-respond", { approvalId: card.data.approvalId, decision: "reject_once" });
  await session.ended(runId);
  await harness.close();
});
