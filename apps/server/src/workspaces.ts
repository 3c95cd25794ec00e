import { CommandError, ToolError, type WorkspaceRoots, type WorkspaceTrust, checkWorkspaceRoot } from "@orquestra/core";

export interface WorkspacesOptions {
  readonly dataFolder: string;
  readonly home: string;
  readonly trust: WorkspaceTrust;
}

/** The folders sessions may work on: the one the server was started in and those added by the command line since. */
export class Workspaces implements WorkspaceRoots {
  readonly start: string | null;
  readonly #options: WorkspacesOptions;
  readonly #roots = new Set<string>();

  private constructor(options: WorkspacesOptions, start: string | null) {
    this.#options = options;
    this.start = start;
    if (start !== null) this.#roots.add(start);
  }

  /** `start` null: sessions without a folder, until one is added. Throws a ToolError for a folder that is refused. */
  static async open(options: WorkspacesOptions, start: string | null): Promise<Workspaces> {
    const { dataFolder, home } = options;
    return new Workspaces(options, start === null ? null : await checkWorkspaceRoot(start, { dataFolder, home }));
  }

  list(): readonly string[] {
    return [...this.#roots];
  }

  /** Resolves with the real path. Throws a CommandError `bad_request` that says why a folder is refused. */
  async add(path: string, trusted: boolean | undefined): Promise<string> {
    const { dataFolder, home, trust } = this.#options;
    try {
      const root = await checkWorkspaceRoot(path, { dataFolder, home });
      this.#roots.add(root);
      if (trusted !== undefined) await trust.set(root, trusted);
      return root;
    } catch (error) {
      if (error instanceof ToolError) throw new CommandError("bad_request", error.message, { cause: error });
      throw error;
    }
  }
}
