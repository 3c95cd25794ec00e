import { type CommandGround, bareGround } from "../../permissions/index.ts";
import type { CommandRunner, Snapshots } from "../../tools/index.ts";
import type { Run } from "./run.ts";

export interface GroundOptions {
  readonly commands: CommandRunner;
  readonly snapshots: Snapshots | null;
  /** It is known now, or may be another. */
  readonly changed: () => void;
}

/**
 * What stands around the commands of a run, found out when the first one comes up, and again after something may have changed it.
 * Finding out fails closed: then nothing can be undone.
 */
export class Ground {
  readonly #run: Run;
  readonly #options: GroundOptions;
  #known: CommandGround | null = null;
  #finding: Promise<void> | null = null;

  constructor(run: Run, options: GroundOptions) {
    this.#run = run;
    this.#options = options;
  }

  /** Whether somebody waits to hear of it. */
  get isSought(): boolean {
    return this.#finding !== null;
  }

  /** Null until it is known; `changed` is called then. */
  get now(): CommandGround | null {
    const { commands, snapshots } = this.#options;
    const { workspace } = this.#run;
    if (commands.kind === "none" || snapshots === null || workspace === null) return { ...bareGround, sandbox: commands.kind };
    if (this.#known === null) this.#seek(snapshots, workspace.root);
    return this.#known;
  }

  /** The folder was changed: it may have become too large. */
  forget(): void {
    this.#known = null;
  }

  #seek(snapshots: Snapshots, root: string): void {
    if (this.#finding !== null) return;
    const { commands, changed } = this.#options;
    const finding = snapshots.coverage(root, this.#run.signal).then(
      (coverage) => coverage,
      () => ({ covered: false, why: "The folder could not be looked through." }) as const,
    );
    this.#finding = finding.then((coverage) => {
      const undo = coverage.covered ? ({ covered: true } as const) : { covered: false as const, why: coverage.why };
      this.#known = { sandbox: commands.kind, undo };
      this.#finding = null;
      changed();
    });
  }
}
