import type { BigIntStats } from "node:fs";
import { constants } from "node:fs";
import { stampOf } from "./found.ts";

/** What stood, stands or is to stand at a path. `mode` has permission bits, but for `unkept`. */
export type PathState =
  | { readonly kind: "missing" }
  | { readonly kind: "file"; readonly mode: number; readonly bytes: Buffer }
  | { readonly kind: "link"; readonly target: Buffer }
  | { readonly kind: "folder"; readonly mode: number }
  | UnkeptState
  | MovedState;

/** Something the snapshot had left out, which came here with a folder above it. It is moved back, never copied. */
export interface MovedState {
  readonly kind: "moved";
  readonly origin: string;
  readonly identity: string;
}

/**
 * Something whose content is not kept: a pipe, a socket or a device; a file that is too large, that may hold secrets, or that does
 * not rest; one whose bytes were damaged where they were kept. It can be taken away while its stamp is the same, never be made.
 */
export interface UnkeptState {
  readonly kind: "unkept";
  /** With the bits of its type. */
  readonly mode: number;
  readonly stamp: string;
}

export const missing: PathState = { kind: "missing" };

export function unkeptOf(stats: BigIntStats): UnkeptState {
  return { kind: "unkept", mode: Number(stats.mode), stamp: stampOf(stats) };
}

/** A file of the snapshot whose bytes are damaged or gone. */
export function lostFile(mode: number): UnkeptState {
  return { kind: "unkept", mode: constants.S_IFREG | mode, stamp: "lost" };
}

export function isSameState(a: PathState, b: PathState): boolean {
  if (a.kind === "file") return b.kind === "file" && a.mode === b.mode && a.bytes.equals(b.bytes);
  if (a.kind === "link") return b.kind === "link" && a.target.equals(b.target);
  if (a.kind === "folder") return b.kind === "folder" && a.mode === b.mode;
  if (a.kind === "unkept") return b.kind === "unkept" && a.mode === b.mode && a.stamp === b.stamp;
  if (a.kind === "moved") return b.kind === "moved" && a.identity === b.identity;
  return b.kind === "missing";
}
