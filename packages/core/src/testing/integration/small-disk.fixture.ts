/** A process of its own, on a folder that is a disk of 64 KiB. Prints what a person is told who lets changes be made there. */
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { builtInTools } from "../../tools/index.ts";
import { startEngine } from "../engine-harness.ts";
import { scriptedModel } from "../scripted-model.ts";
import { plan } from "./scene.fixture.ts";
import { told } from "./told.fixture.ts";

const [folder = ""] = process.argv.slice(2);

async function toldAfter(...lines: readonly string[]): Promise<readonly string[]> {
  const model = scriptedModel([{ text: plan(...lines) }, { text: "Done." }]);
  const workspaces = { start: folder, list: () => [folder] };
  const harness = await startEngine({ model, tools: builtInTools(), workspaces });
  const session = await harness.session();
  const runId = await session.say("go");
  const { data } = await session.until("approval-requested");
  await session.command("approval-respond", { approvalId: data.approvalId, decision: "allow_once" });
  await session.ended(runId);
  await harness.close();
  return told(session).toSorted();
}

const large = "x".repeat(100_000);
writeFileSync(join(folder, "notes.md"), "# Notes\n");
// By itself: what is being written beside it may have filled the disk for a moment.
const fits = await toldAfter('1. file_write("small.md", "small")');
const full = await toldAfter(
  `1. file_write("big.md", "${large}")`,
  `2. file_edit("notes.md", find: "# Notes", replace: "${large}")`,
);
execFileSync("mount", ["-o", "remount,ro", folder]);
const readOnly = await toldAfter('1. file_write("notes.md", "new")');
const files = Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));
process.stdout.write(JSON.stringify({ fits, full, readOnly, files }));
