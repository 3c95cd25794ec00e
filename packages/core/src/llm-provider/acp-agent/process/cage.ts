import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of one agent process's own, that only its user can open and that goes with it. */
export interface Cage {
  readonly folder: string;
  /** Empty: where the agent believes to work. */
  readonly workFolder: string;
  /** Where its settings are. */
  readonly settingsFolder: string;
  /** What cannot be removed stays: a temporary folder is nobody's failure. */
  remove(): Promise<void>;
}

/** Files by their name in the settings folder. */
export type CageFiles = { readonly [name: string]: string };

/** Throws what the file system throws. */
export async function openCage(files: CageFiles): Promise<Cage> {
  const folder = await mkdtemp(join(tmpdir(), "orquestra-agent-"));
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 }).catch(() => undefined);
  const cage = { folder, workFolder: join(folder, "empty"), settingsFolder: join(folder, "settings"), remove };
  try {
    for (const path of [cage.workFolder, cage.settingsFolder]) await mkdir(path, { mode: 0o700 });
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(cage.settingsFolder, name), text, { mode: 0o600 });
    }
    return cage;
  } catch (error) {
    await remove();
    throw error;
  }
}
