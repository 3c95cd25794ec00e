import { z } from "zod";
import { ToolError } from "../tool-error.ts";
import { type AnyTool, defineTool } from "../tool.ts";
import { titleText } from "./files-of.ts";

const defaultLength = 10_000;

export const recallTool: AnyTool = defineTool({
  name: "recall",
  description: "Gives back the full text of an earlier message or result that the conversation only names: t2, m3, m3.t2.",
  input: z.object({
    id: z.string().min(1).max(100),
    offset: z.number().int().min(0).optional(),
    length: z.number().int().min(1).max(50_000).optional(),
  }),
  output: z.object({ text: z.string(), total: z.number() }),
  effects: ["read"],
  critical: [],
  // The engine joins the label that the recalled text itself has.
  integrity: "inputs",
  idempotent: true,
  undoable: false,
  timeoutMs: 30_000,
  title: ({ id }) => `Recall ${titleText(id, "an earlier text")}`,
  async run({ id, offset = 0, length = defaultLength }, call) {
    const text = await call.recall(id);
    if (text === null) throw new ToolError("not_found", `There is no ${id} in this session.`);
    return { text: text.slice(offset, offset + length), total: text.length };
  },
});
