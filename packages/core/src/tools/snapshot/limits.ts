/** How much of a workspace a snapshot may hold. What is beyond makes commands ask, or is left out and named. */
export interface SnapshotLimits {
  readonly files: number;
  /** Of all files together. */
  readonly bytes: number;
  /** Larger files are left out. */
  readonly fileBytes: number;
  readonly milliseconds: number;
  /** Folders within folders. */
  readonly depth: number;
  /** Places that are left out: a sandbox has to guard each. */
  readonly leftOut: number;
  /** What a folder that can be built again may take up before it is left out. */
  readonly rebuildable: { readonly files: number; readonly bytes: number };
  /** Things a command makes that are kept one by one. */
  readonly created: number;
}

const mebibyte = 1024 * 1024;

export const snapshotLimits: SnapshotLimits = {
  files: 50_000,
  bytes: 512 * mebibyte,
  fileBytes: 16 * mebibyte,
  milliseconds: 10_000,
  depth: 64,
  leftOut: 500,
  rebuildable: { files: 2_000, bytes: 64 * mebibyte },
  created: 20_000,
};
