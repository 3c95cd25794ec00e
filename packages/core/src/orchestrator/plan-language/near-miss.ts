import type { EntryCutter } from "./entry-cutter.ts";
import { JsonCutter } from "./json-cutter.ts";
import type { PlanFormat } from "./plan-format.ts";

export interface NearMiss {
  readonly reason: string;
  readonly excerpt: string;
}

/** Of five entries in a fence, four must be valid todos for it to count as a plan. */
const todosPerOther = 4;
const reasons = {
  second: "An answer has one plan, and this is a second plan fence: nothing of it ran.",
  inner: "This plan stands in a code fence or in thoughts that are never closed: nothing of it ran.",
  fence: "These tool calls stand in a fence that is not tagged plan: nothing of them ran.",
  prose: "These tool calls stand outside a plan fence: nothing of them ran.",
  foreign: "These tool calls are written in another way than a plan fence with one call a line: nothing of them ran.",
} as const;
type Kind = keyof typeof reasons;

/** A fence that is not the plan, read as if it were one. */
interface Rehearsal {
  readonly second: boolean;
  readonly body: EntryCutter;
  todos: number;
  others: number;
  /** It holds fences itself: somebody shows how a plan looks. */
  quoting: boolean;
  /** One of these would have opened a plan. */
  plan: boolean;
  excerpt: string;
  /** Objects over several lines, where the fence begins with one; null: it has not begun. */
  json: JsonCutter | "none" | null;
  /** Its tag says that calls stand in it, so they need no numbers. */
  readonly ofCalls: boolean;
  /** Calls in another way of writing. */
  foreign: string;
}

/** The line that opens a fence. `second`: it would be a plan if there were none yet. */
export interface FenceOpening {
  readonly second: boolean;
  readonly tag: string;
}

/** Tags of fences in which models that were trained so write their calls. */
const callTags: ReadonlySet<string> = new Set([
  "tool_code",
  "tool_call",
  "tool_calls",
  "tool_use",
  "tools",
  "tool",
  "function_call",
  "action",
]);

/**
 * Watches the text of an answer for what was probably meant as a plan. It fires on lines that would be valid todos, or calls
 * in another way of writing, and on nothing else, so never on prose, and says so only when the turn has no plan, because then the work would end in silence.
 */
export class NearMissWatch {
  readonly #format: PlanFormat;
  readonly #found = new Map<Kind, string>();
  #fence: Rehearsal | null = null;

  constructor(format: PlanFormat) {
    this.#format = format;
  }

  /** A line outside any fence. */
  prose(line: string): void {
    if (this.#format.isTodo(line)) this.#note("prose", line);
    else if (this.#format.isOtherCall(line)) this.#note("foreign", line);
  }

  openFence({ second, tag }: FenceOpening): void {
    const body = this.#format.rehearse((part) => {
      if (part.type !== "todo") fence.others += 1;
      else {
        fence.todos += 1;
        if (!second) fence.excerpt = extended(fence.excerpt, part.todo.line);
      }
    });
    const counts = { todos: 0, others: 0, quoting: false, plan: false, excerpt: "", json: null, foreign: "" };
    const fence: Rehearsal = { ...counts, second, body, ofCalls: callTags.has(tag.toLowerCase()) };
    this.#fence = fence;
  }

  fenceLine(line: string): void {
    const fence = this.#fence;
    if (fence === null) return;
    const text = line.trim();
    if (/^(?:`{3}|~{3})/.test(text)) fence.quoting = true;
    fence.plan ||= /^`{3,}[ \t]*plan$/.test(text);
    if (fence.second && text !== "") fence.excerpt = extended(fence.excerpt, line);
    fence.body.push(`${line}\n`);
    this.#watchForeign(fence, line);
  }

  #watchForeign(fence: Rehearsal, line: string): void {
    const note = (text: string): void => {
      fence.foreign = extended(fence.foreign, text);
    };
    if (fence.json === null && line.trim() !== "") {
      const emit = ({ call }: { readonly call: string }): void => (this.#format.isOtherCall(call) ? note(call) : undefined);
      fence.json = /^\s*(?:\{|\[\s*(?:\{|$))/.test(line) ? new JsonCutter(Infinity, emit) : "none";
    }
    if (fence.json instanceof JsonCutter) return fence.json.push(`${line}\n`);
    if (this.#format.isOtherCall(line) || (fence.ofCalls && this.#format.isUnnumbered(line))) note(line);
  }

  closeFence(): void {
    const fence = this.#fence;
    this.#fence = null;
    if (fence === null) return;
    fence.body.end("complete");
    if (fence.json instanceof JsonCutter) fence.json.end("complete");
    const { todos, others, excerpt, foreign } = fence;
    if (fence.second && excerpt !== "") this.#note("second", excerpt);
    const full = todos > 0 && others * todosPerOther <= todos;
    if (!fence.second && full && !fence.quoting) this.#note("fence", excerpt);
    else if (!fence.second && foreign !== "" && !fence.quoting) this.#note("foreign", foreign);
  }

  /** The fence has ended and was none that a plan could be meant by. */
  dropFence(): void {
    this.#fence = null;
  }

  /** What was found by the end of the answer. `planned`: the turn has a plan with at least one line in it. */
  end(planned: boolean): NearMiss | null {
    const open = this.#fence;
    this.closeFence();
    if (open?.plan === true && open.todos > 0) this.#note("inner", open.excerpt);
    const kinds: readonly Kind[] = planned ? ["second"] : ["second", "inner", "fence", "prose", "foreign"];
    const kind = kinds.find((each) => this.#found.has(each));
    return kind === undefined ? null : { reason: reasons[kind], excerpt: (this.#found.get(kind) ?? "").trim() };
  }

  #note(kind: Kind, text: string): void {
    this.#found.set(kind, extended(this.#found.get(kind) ?? "", text));
  }
}

/** Up to 1,000 UTF-16 units are shown. */
function extended(excerpt: string, line: string): string {
  return excerpt.length > 1_000 ? excerpt : `${excerpt}${line.trimEnd().slice(0, 1_000)}\n`;
}
