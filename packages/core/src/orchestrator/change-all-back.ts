import { posix } from "node:path";
import type { CheckpointRecord } from "../persistence/index.ts";
import { Neighbours, type WorkspaceFiles } from "../tools/index.ts";
import { type ChangeBack, type ChangedBack, changeBack } from "./change-back.ts";
import { isFile, isOfCommand, statesOf } from "./checkpoint-states.ts";

/** Files of one folder that are changed at the same time; each may be as large as the largest. */
const atOnce = 8;
/** Files for which a folder is held. */
const most = 512;

/** Each of these as `changeBack` does it, and in this order wherever one may stand on another. Results are in the same order. */
export async function changeAllBack(
  files: WorkspaceFiles,
  chosen: readonly CheckpointRecord[],
  wanted: ChangeBack,
): Promise<readonly ChangedBack[]> {
  const results: ChangedBack[] = [];
  for (const group of groupsOf(chosen)) results.push(...(await changeGroup(files, group, wanted)));
  return results;
}

/** Files beside each other that commands changed, each once: none stands on another, so their order is of no matter. */
function groupsOf(chosen: readonly CheckpointRecord[]): readonly (readonly CheckpointRecord[])[] {
  const groups: CheckpointRecord[][] = [];
  let paths = new Set<string>();
  for (const one of chosen) {
    const last = groups.at(-1);
    const first = last?.[0];
    const fits = last !== undefined && first !== undefined && last.length < most && !paths.has(one.path);
    if (fits && isOnlyFile(first) && isOnlyFile(one) && posix.dirname(first.path) === posix.dirname(one.path)) last.push(one);
    else {
      groups.push([one]);
      paths = new Set();
    }
    paths.add(one.path);
  }
  return groups;
}

function isOnlyFile(checkpoint: CheckpointRecord): boolean {
  if (!isOfCommand(checkpoint)) return false;
  const { before, after } = statesOf(checkpoint);
  return isFile(before) && isFile(after);
}

async function changeGroup(
  files: WorkspaceFiles,
  group: readonly CheckpointRecord[],
  wanted: ChangeBack,
): Promise<readonly ChangedBack[]> {
  const near = new Neighbours(files.root, group[0]?.path ?? ".");
  const results = new Map<CheckpointRecord, ChangedBack>();
  const next = group.values();
  const work = async (): Promise<void> => {
    for (const one of next) results.set(one, await changeBack({ files, near }, one, wanted));
  };
  try {
    const done = await Promise.allSettled(Array.from({ length: Math.min(atOnce, group.length) }, work));
    for (const result of done) if (result.status === "rejected") throw result.reason;
  } finally {
    await near.close();
  }
  return group.flatMap((one) => results.get(one) ?? []);
}
