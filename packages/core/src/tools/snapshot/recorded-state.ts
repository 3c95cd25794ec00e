import { constants } from "node:fs";
import { type PathState, missing } from "./path-state.ts";

/** A state as a checkpoint has it: bits of type and permissions, and bytes. */
export interface RecordedState {
  readonly mode: number;
  readonly bytes: Buffer | null;
}

/** Types that no file system has: here the bytes say by what the thing is known. */
const unkeptType = 0o110000;
const movedType = 0o130000;
const permissions = 0o7777;

export function recordOf(state: PathState): RecordedState {
  if (state.kind === "file") return { mode: constants.S_IFREG | state.mode, bytes: state.bytes };
  if (state.kind === "link") return { mode: constants.S_IFLNK, bytes: state.target };
  if (state.kind === "folder") return { mode: constants.S_IFDIR | state.mode, bytes: null };
  if (state.kind === "unkept") return { mode: unkeptType, bytes: Buffer.from(`${state.mode} ${state.stamp}`) };
  if (state.kind === "moved") return { mode: movedType, bytes: Buffer.from(`${state.identity} ${state.origin}`) };
  return { mode: 0, bytes: null };
}

/** Without bits of a type it is a file, as the tools for files record it. */
export function stateOfRecord({ mode, bytes }: RecordedState): PathState {
  const type = mode & constants.S_IFMT;
  if (type === constants.S_IFDIR) return { kind: "folder", mode: mode & permissions };
  if (bytes === null) return missing;
  if (type === constants.S_IFLNK) return { kind: "link", target: bytes };
  if (type !== unkeptType && type !== movedType) return { kind: "file", mode: mode & permissions, bytes };
  const text = bytes.toString("utf8");
  const [first, rest] = [text.slice(0, text.indexOf(" ")), text.slice(text.indexOf(" ") + 1)];
  if (type === movedType) return { kind: "moved", identity: first, origin: rest };
  return { kind: "unkept", mode: Number(first), stamp: rest };
}
