import { randomBytes } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { z } from "zod";
import { hashOf } from "../diff.ts";
import { errnoOf } from "../workspace/file-error.ts";
import type { FoundFile, FoundFolder, FoundLink } from "./found.ts";
import type { LeftOut } from "./survey.ts";

export interface KeptFile extends Omit<FoundFile, "identity"> {
  readonly hash: string;
}

export type Kept = KeptFile | FoundFolder | FoundLink;

/** What a workspace held at one time, by paths, and what of it was left out. */
export interface Manifest {
  /** The start of the machine it was written in. */
  readonly boot: string;
  readonly kept: ReadonlyMap<string, Kept>;
  readonly leftOut: readonly LeftOut[];
  /** When reading began, in milliseconds: what changed shortly before may change once more without a new stamp. */
  readonly at: number;
}

const count = z.number().int().nonnegative();
const line = z.union([
  z.tuple([z.literal("file"), z.string(), count, count, z.string(), z.number(), z.string()]),
  z.tuple([z.literal("folder"), z.string(), count]),
  z.tuple([z.literal("link"), z.string(), z.base64()]),
]);
const content = z.object({
  version: z.literal(1),
  boot: z.string(),
  at: z.number(),
  leftOut: z.array(z.object({ path: z.string(), identity: z.string() })),
  kept: z.array(line),
});

/** Replaces the file whole. It is led by the hash of what follows, so that anything else is found out. */
export async function writeManifest(place: string, manifest: Manifest): Promise<void> {
  const kept = [...manifest.kept.values()].map(lineOf);
  const text = JSON.stringify({ version: 1, boot: manifest.boot, at: manifest.at, leftOut: manifest.leftOut, kept });
  const temporary = `${place}.${randomBytes(4).toString("hex")}.new`;
  try {
    await writeFile(temporary, `${hashOf(Buffer.from(text))}\n${text}`, { flag: "wx", mode: 0o600 });
    await rename(temporary, place);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Null where there is none that can be trusted. */
export async function readManifest(place: string): Promise<Manifest | null> {
  const text = await textOf(place);
  const end = text.indexOf("\n");
  const body = text.slice(end + 1);
  if (end < 0 || hashOf(Buffer.from(body)) !== text.slice(0, end)) return null;
  const parsed = content.safeParse(JSON.parse(body));
  if (!parsed.success) return null;
  const { kept, boot, at, leftOut } = parsed.data;
  return { boot, at, leftOut, kept: new Map(kept.map((one) => [one[1], keptOf(one)])) };
}

async function textOf(place: string): Promise<string> {
  try {
    return await readFile(place, "utf8");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return "";
    throw error;
  }
}

function lineOf(kept: Kept): z.infer<typeof line> {
  if (kept.kind === "folder") return ["folder", kept.path, kept.mode];
  if (kept.kind === "link") return ["link", kept.path, kept.target.toString("base64")];
  return ["file", kept.path, kept.mode, kept.size, kept.stamp, kept.changedAt, kept.hash];
}

function keptOf(one: z.infer<typeof line>): Kept {
  const path = one[1];
  if (one[0] === "folder") return { kind: "folder", path, mode: one[2] };
  if (one[0] === "link") return { kind: "link", path, target: Buffer.from(one[2], "base64") };
  const [, , mode, size, stamp, changedAt, hash] = one;
  return { kind: "file", path, mode, size, stamp, changedAt, hash };
}
