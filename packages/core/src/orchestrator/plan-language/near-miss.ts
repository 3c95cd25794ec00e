import type { PlanFormat } from "./plan-format.ts";

export interface NearMiss {
  readonly reason: string;
  readonly excerpt: string;
}

/** Of five lines in a fence, four must be calls for it to count as a plan. */
const callsPerOther = 4;
const reasons = {
  second: "An answer has one plan, and this is a second plan fence: nothing of it ran.",
  inner: "This plan stands in a code fence that is never closed: nothing of it ran.",
  fence: "These tool calls stand in a fence that is not tagged plan: nothing of them ran.",
  prose: "These tool calls stand outside a plan fence: nothing of them ran.",
} as const;
type Kind = keyof typeof reasons;

/** A fence that is not the plan. */
interface FenceCount {
  readonly second: boolean;
  calls: number;
  others: number;
  /** It holds fences itself: somebody shows how a plan looks. */
  quoting: boolean;
  /** One of these would have opened a plan. */
  plan: boolean;
  /** Blocks whose lines are skipped. */
  due: readonly string[];
  excerpt: string;
}

/**
 * Watches the text of an answer for what was probably meant as a plan. It fires on lines that would be valid todos and on
 * nothing else, so never on prose, and says so only when the turn has no plan, because then the work would end in silence.
 */
export class NearMissWatch {
  readonly #format: PlanFormat;
  readonly #found = new Map<Kind, string>();
  #fence: FenceCount | null = null;

  constructor(format: PlanFormat) {
    this.#format = format;
  }

  /** A line outside any fence. */
  prose(line: string): void {
    if (/^ {0,3}\S/.test(line) && this.#format.blocksOfCall(line) !== null) this.#note("prose", line);
  }

  openFence(second: boolean): void {
    this.#fence = { second, calls: 0, others: 0, quoting: false, plan: false, due: [], excerpt: "" };
  }

  fenceLine(line: string): void {
    const fence = this.#fence;
    const text = line.trim();
    if (fence === null || text === "" || text.startsWith("#")) return;
    if (fence.due.length > 0) {
      if (text === fence.due[0]) fence.due = fence.due.slice(1);
      return;
    }
    if (/^(?:`{3}|~{3})/.test(text)) fence.quoting = true;
    fence.plan ||= /^`{3,}[ \t]*plan$/.test(text);
    const blocks = this.#format.blocksOfCall(line);
    if (blocks === null) fence.others += 1;
    else fence.calls += 1;
    fence.due = blocks ?? [];
    if (blocks !== null || fence.second) fence.excerpt = extended(fence.excerpt, line);
  }

  closeFence(): void {
    const fence = this.#fence;
    this.#fence = null;
    if (fence === null) return;
    if (fence.second && fence.excerpt !== "") this.#note("second", fence.excerpt);
    const full = fence.calls > 0 && fence.others * callsPerOther <= fence.calls;
    if (!fence.second && full && !fence.quoting) this.#note("fence", fence.excerpt);
  }

  /** What was found by the end of the answer. `planned`: the turn has a plan with at least one line in it. */
  end(planned: boolean): NearMiss | null {
    if (this.#fence?.plan === true && this.#fence.calls > 0) this.#note("inner", this.#fence.excerpt);
    this.closeFence();
    const kinds: readonly Kind[] = planned ? ["second"] : ["second", "inner", "fence", "prose"];
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
