import { z } from "zod";

/** What a database worker is started for: to serve the database in a folder, or to make the template. */
export const workerTaskSchema = z.union([
  z.object({ kind: z.literal("serve"), folder: z.string() }),
  z.object({ kind: z.literal("template") }),
]);
export type WorkerTask = z.infer<typeof workerTaskSchema>;

/** What the two threads say to each other. Beside it go bytes of the PostgreSQL protocol, in both directions. */
export const ready = "ready";
export const close = "close";
