import { type Label, joinAll, joinLabels, userLabel } from "@orquestra/protocol";
import type { Step } from "./fit.ts";
import type { ModelCall } from "../llm-provider/index.ts";
import { keptFrom } from "./kept-text.ts";
import { type Piece, fixed, madeByCode, remembered, tagged } from "./piece.ts";
import type { AttachedFile, CurrentRun, ImageContent, PromptTurn, TurnCall, TurnResult } from "./prompt-input.ts";
import { excerpt, grouped, textOfResult } from "./result-text.ts";

export interface RunPieces {
  readonly pieces: readonly Piece[];
  /** Results, oldest first, then files, then whole turns but the last. */
  readonly steps: readonly Step[];
}

/**
 * The run so far. `base` joins the labels of all that stood before it: what the model wrote carries that and everything its
 * earlier turns had read, also where that has since been left out.
 */
export function runPieces(run: CurrentRun, base: Label): RunPieces {
  const message = fixed("message", "user", { label: userLabel, text: run.userText });
  const files = run.attachments.map(filePiece);
  let read = joinAll([base, ...run.attachments.map(({ label }) => label)]);
  const turns = run.turns.map((turn, index) => {
    const steers = steerPieces(run, index);
    const pieces = turnPieces(turn, read);
    read = joinAll([pieces.read, ...steers.map(({ label }) => label)]);
    return { ...pieces, steers, number: index + 1 };
  });
  const repair = run.repair === undefined ? [] : [fixed("repair", "user", keptFrom(run.repair, [read, madeByCode]))];
  const pieces = [
    message,
    ...files,
    ...turns.flatMap((turn) => [...turn.steers, ...turn.pieces]),
    ...steerPieces(run, turns.length),
    ...repair,
  ];
  const fileSteps = files.map((piece, index) => fileStep(piece, run.attachments[index]?.path ?? ""));
  const steps = [...turns.flatMap(({ steps: own }) => own), ...fileSteps, ...turns.slice(0, -1).map(turnStep)];
  return { pieces, steps };
}

interface TurnPieces extends RunPieces {
  /** The join of all that was read up to the end of the turn. */
  readonly read: Label;
}

function turnPieces(turn: PromptTurn, before: Label): TurnPieces {
  const read = turn.label === undefined ? before : joinLabels(before, turn.label);
  const written = writtenPiece(turn, read);
  const known = joinAll([read, madeByCode, ...turn.results.flatMap(({ label }) => label ?? [])]);
  const answered = new Set(turn.calls?.map(({ id }) => id));
  const answers = (turn.calls ?? []).map((call) => answerTo(call, { turn, known, read }));
  const others = turn.results.filter(({ todoId }) => !answered.has(todoId)).map((result) => resultWith(result, { known, read }));
  const results = [...answers, ...others];
  const ledger = turn.ledger === undefined ? [] : [fixed("ledger", "user", keptFrom(turn.ledger, [read, madeByCode]))];
  return {
    pieces: [written, ...results.map(({ piece }) => piece), ...ledger],
    steps: results.flatMap(({ todoId, piece }) => (todoId === null ? [] : [resultStep(todoId, piece)])),
    read: joinAll([read, ...results.map(({ piece }) => piece.label)]),
  };
}

function writtenPiece({ raw, calls = [] }: PromptTurn, label: Label): Piece {
  const text = (cap: number): string => excerpt(raw, cap, null);
  const native = calls.length === 0 ? {} : { calls: (cap: number) => calls.map((call) => shortened(call, cap)) };
  return { kind: "turn", role: "assistant", label, text, ...native };
}

/** Arguments stay JSON, whatever is left of them. */
function shortened({ id, name, argumentsText }: TurnCall, cap: number): ModelCall {
  if (argumentsText.length <= cap) return { id, name, argumentsText };
  return { id, name, argumentsText: JSON.stringify({ "left out in part": excerpt(argumentsText, cap, null) }) };
}

interface Read {
  /** The join of all that the turn had read. */
  readonly read: Label;
  /** The same with its results. */
  readonly known: Label;
}

interface ResultOf {
  /** Null where there is nothing that could be left out and read again. */
  readonly todoId: string | null;
  readonly piece: Piece;
}

function resultWith(result: TurnResult, { known, read }: Read): ResultOf {
  return { todoId: result.todoId, piece: resultPiece(result, { value: result.label ?? known, title: read }) };
}

/** Each native call has one answer, also where it became no todo: providers refuse a prompt without. */
function answerTo(call: TurnCall, { turn, known, read }: Read & { readonly turn: PromptTurn }): ResultOf {
  const { id, name, problem } = call;
  const result = turn.results.find(({ todoId }) => todoId === id);
  const answers = { callId: id, name, failed: result?.status !== "completed" };
  const text = problem ?? "Nothing is known of this call.";
  const { todoId, piece } =
    result === undefined
      ? { todoId: null, piece: fixed("result", "tool", { label: read, text }) }
      : resultWith(result, { known, read });
  return { todoId, piece: { ...piece, role: "tool", answers } };
}

/** Who is behind the value, and behind the title that the model gave the todo. */
interface ResultLabels {
  readonly value: Label;
  readonly title: Label;
}

function resultPiece(result: TurnResult, labels: ResultLabels): Piece {
  const { todoId, tool, title, status } = result;
  const whole = wholeText(result);
  const readOn = (offset: number, length: number): string => `recall(${JSON.stringify(todoId)}, ${offset}, ${length})`;
  const stub = `left out to save space: ${grouped(whole.length)} characters; recall(${JSON.stringify(todoId)}) reads them`;
  return {
    kind: "result",
    role: "user",
    label: joinLabels(labels.value, labels.title),
    text: remembered((cap) =>
      tagged("result", { id: todoId, tool, title, status, from: labels.value.integrity }, excerpt(whole, cap, readOn)),
    ),
    stub: tagged("result", { id: todoId, tool, status }, stub),
  };
}

/** What there is to say of a todo: its result, or why there is none. */
function wholeText({ status, value, error, note }: TurnResult): string {
  if (status === "completed") return [textOfResult(value), ...(note === null ? [] : [note])].join("\n");
  return [error?.message, note].filter((text) => typeof text === "string").join("\n") || `It is ${status}.`;
}

function filePiece({ path, text, label, image }: AttachedFile): Piece {
  if (image !== undefined) return imagePiece({ path, text, label }, image);
  const call = `file_read(${JSON.stringify(path)})`;
  return {
    kind: "attachment",
    role: "user",
    label,
    text: (cap) =>
      tagged(
        "file",
        { path, from: label.integrity },
        excerpt(text, cap, () => call),
      ),
    stubLabel: label,
    stub: tagged("file", { path }, `left out to save space: ${grouped(text.length)} characters; ${call} reads them`),
  };
}

function imagePiece({ path, text, label }: AttachedFile, image: ImageContent): Piece {
  const shown = tagged("file", { path, type: image.mediaType, from: label.integrity }, text);
  const stub = tagged("file", { path }, "an image, left out to save space");
  return { ...fixed("attachment", "user", { label, text: shown }), images: [image], stub, stubLabel: label };
}

function resultStep(todoId: string, piece: Piece): Step {
  return { pieces: [piece], to: "stub", what: `result of ${todoId}` };
}

function fileStep(piece: Piece, path: string): Step {
  return { pieces: [piece], to: "stub", what: `file ${path}` };
}

function turnStep({ pieces, number }: { readonly pieces: readonly Piece[]; readonly number: number }): Step {
  return { pieces, to: "gone", what: `turn ${number}` };
}

function steerPieces(run: CurrentRun, afterTurn: number): readonly Piece[] {
  const last = afterTurn === run.turns.length;
  const here = run.steers.filter((steer) => steer.afterTurn === afterTurn || (last && steer.afterTurn > afterTurn));
  return here.map(({ text }) => fixed("steer", "user", { label: userLabel, text: `The user adds:\n${text}` }));
}
