import { spawn } from "node:child_process";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { leave, speakAcp, writeGarbage } from "./acp-form.ts";
import { print } from "./print-form.ts";
import { Stage } from "./stage.ts";

/** A program in the place of Cursor's. `node program.js STAGE [--model M] acp`, or `… -p …` */
const [folder = "", ...args] = process.argv.slice(2);
const stage = new Stage(folder);
const { faults } = stage;

if (faults.ignoresTerm === true) process.on("SIGTERM", () => undefined);
noteStart();
for (let line = 0; line < (faults.stderrLines ?? 0); line++) process.stderr.write(`[debug] line ${line}: nothing to see\n`);
if (faults.exitAtStart !== undefined) leave(faults.exitAtStart.code, faults.exitAtStart.stderr);
else if (args.includes("-p")) await print(stage);
else if (faults.noAcp === true) leave(1, "error: unknown command 'acp'\n");
else if (faults.garbageAtStart === true) writeGarbage();
else speakAcp(stage);

function noteStart(): void {
  const settingsFolder = process.env["CURSOR_CONFIG_DIR"];
  const settingsFile = settingsFolder === undefined ? null : join(settingsFolder, "cli-config.json");
  const settings: unknown = settingsFile === null ? null : JSON.parse(readFileSync(settingsFile, "utf8"));
  stage.note({
    saw: "start",
    at: Date.now(),
    pid: process.pid,
    crowd: stage.others() + 1,
    grandchild: faults.grandchild === true ? startGrandchild() : null,
    args,
    folder: process.cwd(),
    folderEntries: readdirSync(process.cwd()),
    folderMode: modeOf(process.cwd()),
    environment: process.env,
    settings,
    settingsMode: settingsFile === null ? null : modeOf(settingsFile),
  });
}

/** It keeps no pipe of its parent's open, as a language server or a shell would not either. */
function startGrandchild(): number | null {
  return spawn(process.execPath, ["-e", "setInterval(() => {}, 60000)"], { stdio: "ignore" }).pid ?? null;
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}
