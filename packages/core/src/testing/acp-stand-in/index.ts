/** A program in the place of an agent's, for tests of what talks to one. */
export { asked, askedToUse, replyOfRecording, said, thought, usedTool } from "./rows.ts";
export type { StandInEnding, StandInFaults, StandInReply, StandInRow } from "./scene.ts";
export { type AcpStandIn, type StandInProcess, createAcpStandIn } from "./stand-in.ts";
