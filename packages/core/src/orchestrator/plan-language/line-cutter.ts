import type { Failure } from "@orquestra/protocol";
import { EntryCutter, isComment } from "./entry-cutter.ts";
import { Nesting } from "./nesting.ts";
import { failureCodes } from "./plan-error.ts";
import { readHead } from "./todo-head.ts";

type State =
  | { readonly at: "between" }
  | CallState
  /** The call is whole; the line that opens its next block is due. Blank lines so far belong to the block if it has no opener. */
  | { readonly at: "opener"; readonly draft: Draft; blank: string }
  | BlockState;

/** In the brackets of a call (null: the line has none), or in what stands behind them. */
interface CallState {
  readonly at: "call";
  readonly call: Nesting | null;
  readonly rest: Nesting;
  text: string;
}

interface BlockState {
  readonly at: "block";
  readonly draft: Draft;
  readonly name: string;
  readonly lines: string[];
  /** It began without its `<<NAME` line. */
  readonly bare: boolean;
}

/** A call that waits for its blocks; `due` are the names of those to come. */
interface Draft {
  readonly call: string;
  readonly blocks: string[];
  readonly due: string[];
  problem: Failure | null;
}

const opener = /^<<([A-Za-z0-9_]+)$/;

/**
 * Cuts a plan of lines: `N. tool(arguments) …` with the raw blocks that follow it. A line that is no call is an entry too;
 * strings, brackets and blocks that it opens are followed all the same, so that nothing inside them is taken for a todo.
 */
export class LineCutter extends EntryCutter {
  #state: State = { at: "between" };

  protected override takeLine(line: string): void {
    const state = this.#state;
    if (state.at === "between") this.#between(line);
    else if (state.at === "call") this.#call(state, line, 0);
    else if (state.at === "opener") this.#opener(state, line);
    else this.#block(state, line);
  }

  protected override openText(): string | null {
    const state = this.#state;
    if (state.at === "between") return null;
    return state.at === "call" ? state.text : state.draft.call;
  }

  protected override whatIsMissing(): Failure {
    const state = this.#state;
    if (state.at === "opener") return missing(state.draft.due[0] ?? "");
    if (state.at === "block") return state.draft.problem ?? unclosed(state.name);
    return super.whatIsMissing();
  }

  #between(line: string): void {
    const text = line.trim();
    if (this.isClosingFence(line)) this.closed = true;
    if (this.closed || text === "" || isComment(text)) return;
    const orphan = opener.exec(text)?.[1];
    if (orphan !== undefined) return this.#opener(this.#await({ call: line, blocks: [], due: [orphan], problem: null }), line);
    const { tool, length } = readHead(line);
    const call = tool === null ? null : new Nesting("call");
    this.#call({ at: "call", call, rest: new Nesting(call === null ? "prose" : "tail"), text: "" }, line, length);
  }

  #call(state: CallState, line: string, from: number): void {
    this.#state = state;
    const { call, rest } = state;
    const behind = call?.open ? call.scan(line, from) : from;
    if (!call?.open) rest.scan(line, behind);
    if (!this.skipping) state.text += line;
    if (call?.open || rest.open) return;
    this.#next({ call: state.text, blocks: [], due: [...(call?.blocks ?? []), ...rest.blocks], problem: null });
  }

  /** Gives the draft away when it has all its blocks, or waits for the next. */
  #next(draft: Draft): void {
    if (draft.due.length === 0) this.#give(draft);
    else this.#await(draft);
  }

  #await(draft: Draft) {
    const state = { at: "opener" as const, draft, blank: "" };
    this.#state = state;
    return state;
  }

  #give({ call, blocks, problem }: Draft): void {
    this.#state = { at: "between" };
    this.emit({ call, blocks, problem });
  }

  #opener(state: State & { at: "opener" }, line: string): void {
    const { draft } = state;
    if (line.trim() === "") {
      if (!this.skipping) state.blank += line;
      return;
    }
    if (this.isClosingFence(line)) {
      this.closed = true;
      draft.problem ??= missing(draft.due[0] ?? "");
      return this.#give(draft);
    }
    this.#openBlock(state, line);
  }

  /** Without its `<<NAME` line a block begins at once, as in a shell, unless that line looks like the next todo. */
  #openBlock({ draft, blank }: State & { at: "opener" }, line: string): void {
    const due = draft.due.shift() ?? "";
    const found = opener.exec(line.trim())?.[1];
    const bare = found === undefined;
    const block: BlockState = { at: "block", draft, name: found ?? due, lines: bare ? [blank] : [], bare };
    this.#state = block;
    if (found !== undefined && found !== due) draft.problem ??= outOfOrder(due, found);
    if (bare && readHead(line).tool !== null) draft.problem ??= missing(due);
    if (bare) this.#block(block, line);
  }

  #block({ draft, name, lines, bare }: BlockState, line: string): void {
    if (line.trimEnd() === name) {
      draft.blocks.push(lines.join(""));
      return this.#next(draft);
    }
    if (bare && line.trim() === `<<${name}`) draft.problem ??= missing(name);
    if (!this.skipping) lines.push(line);
  }
}

function missing(name: string): Failure {
  return {
    code: failureCodes.syntax,
    message: `The block ${name} is missing: write a line <<${name}, the text, and a line ${name} right after the call.`,
  };
}

function unclosed(name: string): Failure {
  const message = `The block ${name} is never closed, so everything after it belongs to it. End it with a line that is exactly ${name}.`;
  return { code: failureCodes.unclosed, message };
}

function outOfOrder(due: string, found: string): Failure {
  return { code: failureCodes.syntax, message: `The block <<${due} was due, but <<${found} came: write the blocks in order.` };
}
