import { OrquestraError } from "../lib/error.ts";

/** What went wrong in the world while a tool ran; its message is shown to the person and to the model. */
export class ToolError extends OrquestraError {}
