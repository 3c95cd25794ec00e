/** The orchestrator's door. */
export type { AttachRequest, Attachment, Engine, LiveFrame } from "./engine.ts";
