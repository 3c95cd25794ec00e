/** The wire contract. A new export here is public: add it on purpose. */
export { type Json, jsonObjectSchema, jsonSchema } from "./json.ts";
export {
  type Confidentiality,
  type Integrity,
  type Label,
  integrityLevels,
  isAtLeast,
  joinAll,
  joinLabels,
  labelSchema,
  userLabel,
} from "./label.ts";
export {
  type ApprovalDecision,
  type ApprovalKind,
  type ApprovalScope,
  type Effect,
  type Mode,
  type PlanFormat,
  type RunStatus,
  type StopReason,
  type TodoStatus,
  type WhenBusy,
  approvalKindSchema,
  decisionSchema,
  effectSchema,
  isRunTerminal,
  isTodoTerminal,
  modes,
  modeSchema,
  planFormatSchema,
  runStatusSchema,
  stopReasonSchema,
  todoStatusSchema,
} from "./words.ts";
export { type ErrorCode, type Failure, type WireError, errorCodes, failureSchema, wireErrorSchema } from "./error.ts";
export { type Todo, todoSchema } from "./todo.ts";
export type { KnownFile, LateResult, UnknownFacts } from "./unknown.ts";
export {
  type Approval,
  type ApprovalAnswer,
  type ApprovalTodo,
  type AskedCommand,
  type DiffHunk,
  type FileDiff,
  type Provenance,
  approvalAnswerSchema,
  approvalTodoSchema,
  fileDiffSchema,
} from "./approval.ts";
export {
  type Attachment,
  type EventData,
  type EventType,
  type NewEvent,
  type OrquestraEvent,
  type Usage,
  attachmentSchema,
  eventData,
  isEventType,
  parseEvent,
  usageSchema,
} from "./event.ts";
export { sumOfUsage } from "./usage.ts";
export {
  type Command,
  type CommandData,
  type CommandType,
  type MessageItem,
  type ReplyData,
  type SessionItem,
  commands,
  isCommandType,
} from "./command.ts";
export { type Authenticate, type Authenticated, type ParsedAuthenticate, parseAuthenticate } from "./authenticate.ts";
export { type ParsedCommand, parseCommand } from "./parse-command.ts";
export { isDeeper } from "./is-deeper.ts";
export { parseReply } from "./parse-reply.ts";
export {
  type Delta,
  type Hello,
  type Progress,
  type Reply,
  type ServerFrame,
  type UnknownEvent,
  closeCodes,
  maxFrameBytes,
  parseServerFrame,
  replyOk,
  subprotocol,
} from "./frame.ts";
export type {
  ApprovalState,
  CheckpointState,
  MessageState,
  PartState,
  RunState,
  Runs,
  SessionState,
  TodoState,
  TurnState,
} from "./state.ts";
export { SequenceGap, applyDelta, applyEvent, emptySession } from "./reducer.ts";
export { findActivePart, findRun, openParts } from "./find.ts";
export { sessionStateSchema } from "./snapshot.ts";
export { trimSession } from "./trim.ts";
