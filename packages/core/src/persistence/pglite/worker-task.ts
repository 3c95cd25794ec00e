/** What a database worker is started for. */
export type WorkerTask =
  /** To serve the database in a folder, which is first unpacked from a template where there is none yet. */
  | { readonly kind: "serve"; readonly folder: string; readonly template: string | null }
  /** To serve an empty database in memory, and when it is closed to write it to a file, as a template. */
  | { readonly kind: "template"; readonly path: string };

/** What the two threads say to each other; beside it go bytes of the PostgreSQL protocol, in both directions. */
export const ready = "ready";
export const close = "close";
