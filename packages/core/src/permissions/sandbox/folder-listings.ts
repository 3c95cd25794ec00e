import { type Dirent, lstatSync, readdirSync } from "node:fs";
import { lstat, statfs } from "node:fs/promises";
import { isProtectedPath, isSecretPath } from "../../tools/index.ts";

/**
 * What a command may not do there. `read`: a secret. `write`: it decides what runs later. `reach`: a socket or pipe, behind which
 * a process of the machine may listen.
 */
export type Refused = "read" | "write" | "reach";

/** What matters of the names in one folder. */
export interface FolderListing {
  /** How many there are. */
  readonly size: number;
  readonly sensitive: readonly { readonly name: string; readonly refused: readonly Refused[] }[];
  /** Those that are to be looked into. */
  readonly folders: readonly string[];
}

const nothing: FolderListing = { size: 0, sensitive: [], folders: [] };

/** Folders of what others wrote and nobody opens: not looked into. */
const skipped = new Set(["node_modules", "bower_components", ".venv", "venv", "__pycache__", ".tox", ".gradle"]);

/** Names the folder by its last name: no rule looks further up, and whatever stands above was not refused itself. */
export function listingOf(folder: string, entries: readonly Dirent[]): FolderListing {
  const sensitive: FolderListing["sensitive"][number][] = [];
  const folders: string[] = [];
  const last = folder.slice(folder.lastIndexOf("/") + 1);
  const isRepository = looksLikeRepository(new Set(entries.map(({ name }) => name)));
  for (const entry of entries) {
    const decides = isRepository && ofRepository.has(entry.name);
    const refused = [...refusedAt(`${last}/${entry.name}`, entry), ...(decides ? (["write"] as const) : [])];
    if (refused.length > 0) sensitive.push({ name: entry.name, refused });
    else if (entry.isDirectory() && !skipped.has(entry.name)) folders.push(entry.name);
  }
  return { size: entries.length, sensitive, folders };
}

/**
 * To git a folder is a repository by what is in it, whatever its name: `git status` in there starts what its settings say. These
 * are what makes it one, and what would be started.
 */
const ofRepository = new Set(["HEAD", "config", "config.worktree", "hooks", "commondir"]);

function looksLikeRepository(names: ReadonlySet<string>): boolean {
  return names.has("HEAD") && (names.has("commondir") || (names.has("objects") && names.has("refs")));
}

function refusedAt(names: string, entry: Dirent): readonly Refused[] {
  return [
    ...(isSecretPath(names) ? (["read"] as const) : []),
    ...(isProtectedPath(names) ? (["write"] as const) : []),
    ...(entry.isSocket() || entry.isFIFO() ? (["reach"] as const) : []),
  ];
}

interface Known {
  readonly state: string;
  readonly listing: FolderListing;
}

const known = new Map<string, Known>();
const maxKnown = 100_000;

/** Milliseconds: more than the clock of any of the file systems below jumps by. */
const slack = 2500n;

/**
 * The listing of a folder on a disk of this machine. One that was read before is taken again only where nothing can have changed:
 * whoever adds, removes or renames a name sets the folder's time of change (`ctime`) to the present, which no program can set
 * to anything else. It was read when that time was long over, so a change since then would show as another time. This holds for
 * `device`, the one the walk began on; what lies on another is always read. What is no folder, or cannot be read, shows nothing;
 * a command is no better off.
 */
export function localListing(folder: string, device: bigint): FolderListing {
  try {
    const now = BigInt(Date.now());
    const stats = lstatSync(folder, { bigint: true });
    if (!stats.isDirectory()) return nothing;
    const state = `${stats.dev}:${stats.ino}:${stats.ctimeNs}`;
    const before = known.get(folder);
    if (before?.state === state) return before.listing;
    const listing = listingOf(folder, readdirSync(folder, { withFileTypes: true }));
    if (stats.dev === device && now - stats.ctimeMs > slack) keep(folder, { state, listing });
    else known.delete(folder);
    return listing;
  } catch {
    return nothing;
  }
}

function keep(folder: string, one: Known): void {
  if (known.size >= maxKnown) known.clear();
  known.set(folder, one);
}

/** ext, XFS, Btrfs, tmpfs, overlay, ZFS, F2FS: their times are the kernel's own, and they answer at once. */
const localTypes = new Set([0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0x2fc12fc1, 0xf2f52010]);

/** The number of the disk a folder lies on; null where that may be the disk of another machine, or is not known. */
export async function localDevice(folder: string): Promise<bigint | null> {
  try {
    const { type } = await statfs(folder);
    return localTypes.has(type >>> 0) ? (await lstat(folder, { bigint: true })).dev : null;
  } catch {
    return null;
  }
}
