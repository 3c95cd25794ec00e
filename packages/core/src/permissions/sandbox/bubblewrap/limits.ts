const mebibyte = 2 ** 20;

/**
 * What one command may use up. The address space is not limited: Node and Java reserve far more of it than they use; what they
 * use is. Processes count together, the rest is for each process or file.
 */
export interface CommandLimits {
  readonly processes: number;
  readonly memoryBytes: number;
  readonly fileBytes: number;
  readonly openFiles: number;
  /** What fits into /tmp, and into the home folder and /dev/shm together with it. */
  readonly temporaryBytes: number;
  /** The command is ended when less than that is left on the workspace's disk and the command made it so. */
  readonly diskReserveBytes: number;
}

export const defaultCommandLimits: CommandLimits = {
  processes: 1024,
  memoryBytes: 4096 * mebibyte,
  fileBytes: 2048 * mebibyte,
  openFiles: 4096,
  temporaryBytes: 512 * mebibyte,
  diskReserveBytes: 1024 * mebibyte,
};

/** Set inside: only there processes are counted for the command alone, not for everything the user runs. */
export function prlimitArguments({ processes, memoryBytes, fileBytes, openFiles }: CommandLimits): readonly string[] {
  return [`--nproc=${processes}`, `--data=${memoryBytes}`, `--fsize=${fileBytes}`, `--nofile=${openFiles}`, "--core=0"];
}
