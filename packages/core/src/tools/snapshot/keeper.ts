import { copyFile, mkdir, readFile, readdir, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { hashOf } from "../diff.ts";
import { messageOf } from "../../lib/error.ts";
import { ToolError } from "../tool-error.ts";
import { errnoOf } from "../workspace/file-error.ts";
import type { FoundFile } from "./found.ts";
import type { SnapshotLimits } from "./limits.ts";
import { type Kept, type KeptFile, type Manifest, readManifest, writeManifest } from "./manifest.ts";
import { Objects } from "./objects.ts";
import { readFiles } from "./read-files.ts";
import { type Snapshot, TakenSnapshot } from "./snapshot.ts";
import { type LeftOut, type Survey, notCovered, survey } from "./survey.ts";
import { isUnchanged } from "./unchanged.ts";

/** Whether a snapshot can be taken of a workspace. */
export type Coverage =
  | {
      readonly covered: true;
      readonly files: number;
      readonly bytes: number;
      /** Files and folders it would not hold, with all below them: a command that nobody was asked about must not change these. */
      readonly uncovered: readonly string[];
    }
  | {
      readonly covered: false;
      /** For a person. */
      readonly why: string;
    };

/** Milliseconds for which what was found of a workspace answers for it. Taking a snapshot looks anew. */
const fresh = 5_000;
/** A snapshot that was never given up, in milliseconds. */
const longest = 30 * 24 * 60 * 60_000;

interface State {
  readonly objects: Objects;
  readonly boot: string;
  /** That of the last snapshot. */
  manifest: Manifest | null;
}

/** The snapshots of one workspace. One takes place at a time; the bytes are kept once for all of them. */
export class Keeper {
  readonly #root: string;
  readonly #folder: string;
  readonly #limits: SnapshotLimits;
  #state: State | null = null;
  #coverage: { readonly at: number; readonly coverage: Coverage } | null = null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(folder: string, root: string, limits: SnapshotLimits) {
    this.#folder = folder;
    this.#root = root;
    this.#limits = limits;
  }

  async coverage(signal: AbortSignal): Promise<Coverage> {
    const known = this.#coverage;
    if (known !== null && performance.now() - known.at < fresh) return known.coverage;
    const coverage = await this.#inTime(signal, (limited) => survey(this.#root, this.#limits, limited)).then(
      coverageOf,
      refusalOf,
    );
    this.#coverage = { at: performance.now(), coverage };
    return coverage;
  }

  /** Throws a ToolError `not_covered` that says why there cannot be one. */
  take(name: string, signal: AbortSignal): Promise<Snapshot> {
    return this.#inTurn(() => this.#inTime(signal, (limited) => this.#take(name, limited)));
  }

  /** One that was taken and not given up yet, also by an earlier process. */
  reopen(name: string): Promise<Snapshot | null> {
    return this.#inTurn(async () => {
      const { objects } = await this.#open();
      const manifest = await readManifest(this.#place(name));
      return manifest === null ? null : this.#snapshot(name, manifest, objects);
    });
  }

  async #take(name: string, signal: AbortSignal): Promise<Snapshot> {
    const state = await this.#open();
    const at = Date.now();
    const surveyed = await survey(this.#root, this.#limits, signal);
    const kept = new Map<string, Kept>();
    const changed: FoundFile[] = [];
    for (const found of surveyed.found) {
      const known = found.kind === "file" ? usable(state.manifest, found, state.objects) : found;
      if (known !== null) kept.set(found.path, known);
      else if (found.kind === "file") changed.push(found);
    }
    const unread: LeftOut[] = [];
    try {
      await readFiles(changed, {
        root: this.#root,
        objects: state.objects,
        fileBytes: this.#limits.fileBytes,
        signal,
        kept: (file) => kept.set(file.path, file),
        leftOut: (file) => unread.push(file),
      });
    } finally {
      // Also of one that broke off: the next goes on from there.
      const leftOut = [...surveyed.leftOut, ...unread.map(({ path, identity }) => ({ path, identity }))];
      await this.#remember(state, { boot: state.boot, kept, leftOut, at }, changed.length > 0);
    }
    const { manifest } = state;
    if (manifest === null) throw notCovered("What was kept could not be written down.");
    this.#coverage = { at: performance.now(), coverage: coverageOf({ ...surveyed, leftOut: manifest.leftOut }) };
    await this.#write(name);
    return this.#snapshot(name, manifest, state.objects);
  }

  async #write(name: string): Promise<void> {
    try {
      await copyFile(this.#index, this.#place(name));
    } catch (error) {
      await rm(this.#place(name), { force: true });
      throw error;
    }
  }

  /** Written only where something changed: most commands come after others that changed nothing. */
  async #remember(state: State, manifest: Manifest, hasRead: boolean): Promise<void> {
    if (!hasRead && state.manifest !== null && isSame(state.manifest, manifest)) return;
    await writeManifest(this.#index, manifest);
    state.manifest = manifest;
    if (state.objects.written > this.#limits.bytes) await this.#prune(state.objects, manifest);
  }

  #snapshot(name: string, manifest: Manifest, objects: Objects): Snapshot {
    const place = this.#place(name);
    const release = (): Promise<void> => rm(place, { force: true });
    return new TakenSnapshot({ root: this.#root, manifest, objects, limits: this.#limits, release });
  }

  async #open(): Promise<State> {
    if (this.#state !== null) return this.#state;
    await mkdir(join(this.#folder, "taken"), { recursive: true, mode: 0o700 });
    // What a process left that died while it wrote its index.
    for (const name of await readdir(this.#folder))
      if (name.endsWith(".new")) await rm(join(this.#folder, name), { force: true });
    const boot = await bootId();
    const manifest = await readManifest(this.#index);
    const trusted = manifest !== null && manifest.boot === boot;
    const objects = await Objects.open(join(this.#folder, "objects"), trusted);
    const now = new Date();
    await utimes(this.#folder, now, now);
    await this.#prune(objects, manifest);
    return (this.#state = { objects, manifest: trusted ? manifest : null, boot });
  }

  /** Clears away what neither the index nor a snapshot that is still wanted names. */
  async #prune(objects: Objects, index: Manifest | null): Promise<void> {
    const folder = join(this.#folder, "taken");
    const wanted = new Set(hashesOf(index));
    for (const name of await readdir(folder)) {
      const place = join(folder, name);
      if (Date.now() - (await stat(place)).mtimeMs > longest) await rm(place, { force: true });
      else for (const hash of hashesOf(await readManifest(place))) wanted.add(hash);
    }
    await objects.prune(wanted);
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#last.then(action, action);
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #inTime<T>(signal: AbortSignal, action: (limited: AbortSignal) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const deadline = AbortSignal.timeout(this.#limits.milliseconds);
    try {
      return await action(AbortSignal.any([signal, deadline]));
    } catch (error) {
      if (error instanceof ToolError || signal.aborted) throw error;
      if (deadline.aborted) throw notCovered(`Keeping it took longer than ${this.#limits.milliseconds / 1000} s.`);
      throw new ToolError("not_covered", `The folder could not be kept (${errnoOf(error) ?? messageOf(error)}).`, {
        cause: error,
      });
    }
  }

  get #index(): string {
    return join(this.#folder, "index");
  }

  #place(name: string): string {
    return join(this.#folder, "taken", hashOf(Buffer.from(name)).slice(0, 32));
  }
}

/** What is known of a file, where nothing can have changed since it was read. */
function usable(manifest: Manifest | null, found: FoundFile, objects: Objects): KeptFile | null {
  const known = manifest?.kept.get(found.path);
  if (manifest === null || known?.kind !== "file" || !objects.has(known.hash)) return null;
  return isUnchanged(known, found, manifest.at) && known.mode === found.mode ? known : null;
}

function isSame(a: Manifest, b: Manifest): boolean {
  if (a.kept.size !== b.kept.size || JSON.stringify(a.leftOut) !== JSON.stringify(b.leftOut)) return false;
  for (const [path, one] of b.kept) {
    const other = a.kept.get(path);
    if (other !== one && JSON.stringify(other) !== JSON.stringify(one)) return false;
  }
  return true;
}

function coverageOf({ files, bytes, leftOut }: Survey): Coverage {
  return { covered: true, files, bytes, uncovered: leftOut.map(({ path }) => path) };
}

function refusalOf(error: unknown): Coverage {
  if (error instanceof ToolError) return { covered: false, why: error.message };
  throw error;
}

function hashesOf(manifest: Manifest | null): string[] {
  return [...(manifest?.kept.values() ?? [])].flatMap((kept) => (kept.kind === "file" ? [kept.hash] : []));
}

/** Of the machine's start. Where none is to be had each process counts as one: nothing of an earlier one is trusted. */
async function bootId(): Promise<string> {
  try {
    return (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
  } catch {
    return `process ${process.pid} since ${Math.round(performance.timeOrigin)}`;
  }
}
