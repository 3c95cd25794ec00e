import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileProgram } from "./compile-program.ts";
import type { StandInFaults, StandInReply, StandInSighting } from "./scene.ts";

type Start = Extract<StandInSighting, { readonly saw: "start" }>;

/** A process of the stand-in, as it saw its world. */
export interface StandInProcess extends Start {
  /** Everything it was sent. */
  readonly messages: readonly { readonly [key: string]: unknown }[];
  readonly prompt: string | null;
  /** Still there, and no mere remainder of a process. */
  readonly alive: boolean;
}

/** A program in the place of Cursor's, whose processes answer from one script, in the order in which they are asked. */
export interface AcpStandIn {
  /** What to run. */
  readonly command: string;
  /** Adds to the script. */
  play(replies: readonly StandInReply[]): void;
  /** Holds for processes that start from now on. */
  break(faults: StandInFaults): void;
  /** Lets replies with this gate end. */
  open(gate: string): void;
  /** All processes so far, in the order of their start. */
  processes(): readonly StandInProcess[];
  /** Whether a process is there, and no mere remainder of one. */
  isAlive(pid: number | null | undefined): boolean;
  /** Ends what is left and removes everything. */
  close(): void;
}

export async function createAcpStandIn(): Promise<AcpStandIn> {
  const folder = mkdtempSync(join(tmpdir(), "orquestra-stand-in-"));
  for (const name of ["seen", "replies", "claimed", "gates"]) mkdirSync(join(folder, name));
  const program = await compileProgram(folder);
  const command = join(folder, "agent");
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${program}' '${folder}' "$@"\n`);
  chmodSync(command, 0o755);
  const breakWith = (faults: StandInFaults): void => writeFileSync(join(folder, "faults.json"), JSON.stringify(faults));
  breakWith({});
  let played = 0;
  return {
    command,
    break: breakWith,
    play: (replies) => {
      for (const reply of replies) {
        const name = `${String(played++).padStart(6, "0")}.json`;
        const draft = join(folder, name);
        writeFileSync(draft, JSON.stringify(reply));
        renameSync(draft, join(folder, "replies", name));
      }
    },
    open: (gate) => writeFileSync(join(folder, "gates", gate), ""),
    processes: () => processesIn(join(folder, "seen")),
    isAlive: (pid) => typeof pid === "number" && isAlive(pid),
    close: () => {
      const pids = processesIn(join(folder, "seen")).flatMap(({ pid, grandchild }) => [
        pid,
        ...(grandchild === null ? [] : [grandchild]),
      ]);
      for (const pid of pids) if (isAlive(pid)) process.kill(pid, "SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One that has ended and waits to be noticed by its parent is not. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = existsSync("/proc/self/stat") ? readIfThere(`/proc/${pid}/stat`) : "";
  return !/^\) [ZX]/.test(stat.slice(stat.lastIndexOf(")")));
}

function processesIn(folder: string): readonly StandInProcess[] {
  const all = readdirSync(folder).map((name) => sightingsIn(join(folder, name)));
  const known = all.flatMap((sightings) => {
    const start = sightings.find((sighting) => sighting.saw === "start");
    return start === undefined ? [] : [processOf(start, sightings)];
  });
  return known.toSorted((a, b) => a.at - b.at);
}

function processOf(start: Start, sightings: readonly StandInSighting[]): StandInProcess {
  const messages = sightings.flatMap((sighting) => (sighting.saw === "message" ? [sighting.message] : []));
  const [prompt = null] = sightings.flatMap((sighting) => (sighting.saw === "prompt" ? [sighting.text] : []));
  return { ...start, messages, prompt, alive: isAlive(start.pid) };
}

/** Lines that are written to the end. */
function sightingsIn(path: string): readonly StandInSighting[] {
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by the program beside this file
  return lines.map((line) => JSON.parse(line) as StandInSighting);
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ") X";
  }
}
