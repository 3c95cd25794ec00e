import { z } from "zod";

/** What the thread that reads pages is given. */
export interface PageTask {
  readonly html: string;
  /** Where it came from: links are relative to it. */
  readonly url: string;
}

/** What it gives back. `text` is Markdown. */
export const readPageSchema = z.object({ title: z.string(), text: z.string() });

export type ReadPage = Readonly<z.infer<typeof readPageSchema>>;
