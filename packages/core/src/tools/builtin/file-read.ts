import { z } from "zod";
import { type AnyTool, defineTool } from "../tool.ts";
import { touchedPaths } from "../workspace/path.ts";
import { filesOf, titleText } from "./files-of.ts";
import { readLines } from "./read-lines.ts";

const maxLines = 2000;
const maxBytes = 200 * 1024;

export const fileReadTool: AnyTool = defineTool({
  name: "file_read",
  description:
    "Reads lines of a text file: at most 2,000 lines or 200 KB, from line `offset` (counted from 1). `lines` says how many came; " +
    "when truncated, go on at offset + lines.",
  input: z.object({
    path: z.string(),
    offset: z.number().int().min(1).optional(),
    limit: z.number().int().min(1).max(maxLines).optional(),
  }),
  output: z.object({ path: z.string(), text: z.string(), lines: z.number(), offset: z.number(), truncated: z.boolean() }),
  effects: ["read"],
  critical: [],
  integrity: "workspace",
  fields: { "/lines": "system", "/offset": "system", "/truncated": "system" },
  idempotent: true,
  undoable: false,
  timeoutMs: 30_000,
  touches: ({ path }) => ({ reads: touchedPaths(path), writes: [] }),
  title: ({ path }) => `Read ${titleText(path, "a file")}`,
  async run({ path, offset = 1, limit = maxLines }, call) {
    const { handle, path: real } = await filesOf(call).open(path);
    try {
      const { text, lines, more } = await readLines(handle, real, { offset, limit, maxBytes, signal: call.signal });
      return { path: real, text, lines, offset, truncated: more };
    } finally {
      await handle.close();
    }
  },
});
