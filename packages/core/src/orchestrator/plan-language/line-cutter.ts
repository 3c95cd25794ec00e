import type { Failure } from "@orquestra/protocol";
import { type Entry, EntryCutter } from "./entry-cutter.ts";
import { Nesting } from "./nesting.ts";
import { failureCodes } from "./plan-error.ts";
import { readHead } from "./todo-head.ts";

type State =
  | { readonly at: "between" }
  /** Inside the brackets of a call. */
  | { readonly at: "call"; text: string; readonly nesting: Nesting }
  /** The call is whole; the line that opens its next block is due. Blank lines so far belong to the block if it has no opener. */
  | { readonly at: "opener"; readonly draft: Draft; blank: string }
  | { readonly at: "block"; readonly draft: Draft; readonly name: string; readonly lines: string[]; readonly bare: boolean };

/** A call that waits for its blocks. */
interface Draft {
  readonly call: string;
  readonly blocks: string[];
  /** Names of blocks that are still due. */
  readonly due: string[];
  problem: Failure | null;
}

const opener = /^<<([A-Za-z0-9_]+)$/;

/** Cuts a plan of lines: `N. tool(arguments) …` with the raw blocks that follow it. */
export class LineCutter extends EntryCutter {
  #state: State = { at: "between" };

  protected override takeLine(line: string): void {
    const state = this.#state;
    if (state.at === "between") this.#between(line);
    else if (state.at === "call") this.#call(line, 0);
    else if (state.at === "opener") this.#opener(state, line);
    else this.#block(state, line);
  }

  protected override openText(): string | null {
    const state = this.#state;
    if (state.at === "between") return null;
    return state.at === "call" ? state.text : state.draft.call;
  }

  #between(line: string): void {
    if (this.isClosingFence(line)) {
      this.closed = true;
      return;
    }
    const text = line.trim();
    if (text === "" || text.startsWith("#")) return;
    const head = readHead(line);
    if (head.tool !== null) {
      const nesting = new Nesting();
      nesting.scan("(", 0);
      this.#state = { at: "call", text: "", nesting };
      return this.#call(line, head.length);
    }
    // A line that is no call runs nothing, but a block it announces is still a block, and none of its lines is a todo.
    const orphan = opener.exec(text)?.[1];
    this.#called(line, orphan === undefined ? announced(line) : [orphan]);
    if (orphan !== undefined && this.#state.at === "opener") this.#opener(this.#state, line);
  }

  #call(line: string, from: number): void {
    if (this.#state.at !== "call") return;
    const { nesting } = this.#state;
    const end = nesting.scan(line, from);
    if (!this.skipping || end >= 0) this.#state.text += line;
    if (end >= 0) this.#called(this.#state.text, [...nesting.blocks, ...announced(line.slice(end).split("#", 1)[0] ?? "")]);
  }

  #called(call: string, due: string[]): void {
    this.#next({ call, blocks: [], due, problem: null });
  }

  /** Waits for the next block of the draft, or gives it away when it has all. */
  #next(draft: Draft): void {
    if (draft.due.length > 0) {
      this.#state = { at: "opener", draft, blank: "" };
      return;
    }
    this.#give(draft);
  }

  #give({ call, blocks, problem }: Draft): void {
    this.#state = { at: "between" };
    this.emit({ call, blocks, problem });
  }

  #opener(state: State & { at: "opener" }, line: string): void {
    const { draft } = state;
    if (this.isClosingFence(line)) {
      draft.problem ??= missing(draft.due[0] ?? "");
      this.closed = true;
      return this.#give(draft);
    }
    if (line.trim() === "") {
      if (!this.skipping) state.blank += line;
      return;
    }
    const due = draft.due.shift() ?? "";
    const found = opener.exec(line.trim())?.[1];
    const bare = found === undefined;
    if (found !== undefined && found !== due) draft.problem ??= outOfOrder(due, found);
    const block = { at: "block" as const, draft, name: found ?? due, lines: bare ? [state.blank] : [], bare };
    this.#state = block;
    if (!bare) return;
    if (readHead(line).tool !== null) draft.problem ??= missing(due);
    this.#block(block, line);
  }

  #block(state: State & { at: "block" }, line: string): void {
    const { draft, name, lines, bare } = state;
    if (line.trimEnd() === name) {
      draft.blocks.push(lines.join(""));
      return this.#next(draft);
    }
    if (bare && line.trim() === `<<${name}`) draft.problem ??= missing(name);
    if (!this.skipping) lines.push(line);
  }
}

/** Blocks announced outside brackets, where no call can use them. */
function announced(text: string): string[] {
  return Array.from(text.matchAll(/<<[-~]?["']?([A-Za-z0-9_]+)/g), ([, name = ""]) => name);
}

function missing(name: string): Failure {
  return {
    code: failureCodes.syntax,
    message: `The block ${name} is missing: write a line <<${name}, the text, and a line ${name} right after the call.`,
  };
}

function outOfOrder(due: string, found: string): Failure {
  return { code: failureCodes.syntax, message: `The block <<${due} was due, but <<${found} came: write the blocks in order.` };
}

export type { Entry };
