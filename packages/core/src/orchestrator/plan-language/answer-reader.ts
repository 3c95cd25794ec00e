import type { EntryCutter } from "./entry-cutter.ts";
import { NearMissWatch } from "./near-miss.ts";
import { OpeningFence } from "./opening-fence.ts";
import type { PlanFormat } from "./plan-format.ts";
import type { PlanParser, PlanPart } from "./plan-part.ts";

/** What a plan cannot stand in: a fence in the answer text that is not the plan, or the thoughts of a model that writes them down. */
type Enclosure = TextFence | { readonly type: "thoughts"; readonly closing: string };

interface TextFence {
  readonly type: "fence";
  readonly mark: string;
  /** It began in a list item, so its end may be indented. */
  readonly inList: boolean;
}

type Place = { readonly at: "text" } | LineStart | PlanPlace;

interface LineStart {
  readonly at: "line-start";
  readonly fence: OpeningFence;
  /** What is withheld. */
  held: string;
}

interface PlanPlace {
  readonly at: "plan";
  readonly body: EntryCutter;
  readonly indent: number;
  /** Spaces that the line may still lose. */
  strip: number;
}

/** UTF-16 units of a line of text that are looked at for fences and near misses. */
const lineKept = 4_096;
/** At the beginning of a line, as models without a channel of their own for it begin to think. */
const thoughts = /^\s*<(think|thinking|thought|reasoning)>/i;
const textFence = /^ {0,3}((?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*)(`{3,}|~{3,})(.*)$/;

/** Splits the stream of an answer into its text and its plan. Text flows on at once; only a possible opening fence is withheld. */
export class AnswerReader implements PlanParser {
  readonly #format: PlanFormat;
  readonly #watch: NearMissWatch;
  #parts: PlanPart[] = [];
  #place: Place = lineStart();
  /** The line of text so far, as far as it is looked at. */
  #line = "";
  #enclosure: Enclosure | null = null;
  #plan: "none" | "empty" | "written" = "none";
  #ended = false;

  constructor(format: PlanFormat) {
    this.#format = format;
    this.#watch = new NearMissWatch(format);
  }

  push(text: string): readonly PlanPart[] {
    for (let index = 0; index < text.length && !this.#ended;) index = this.#step(text, index);
    return this.#take();
  }

  end(how: "complete" | "cut" = "complete"): readonly PlanPart[] {
    if (this.#ended) return [];
    this.#ended = true;
    const place = this.#place;
    if (place.at === "plan") place.body.end(how);
    else if (place.at === "text" || !place.fence.complete) {
      if (place.at === "line-start") this.#text(place.held);
      this.#lineEnds();
    }
    const missed = how === "cut" ? null : this.#watch.end(this.#plan === "written");
    if (missed !== null) this.#parts.push({ type: "near-miss", ...missed });
    return this.#take();
  }

  /** Takes the next piece of the stream and gives the index behind it. */
  #step(text: string, from: number): number {
    const place = this.#place;
    if (place.at === "line-start") return this.#lineStart(place, text, from);
    const feed = text.indexOf("\n", from);
    const to = feed < 0 ? text.length : feed + 1;
    const piece = text.slice(from, to);
    if (place.at === "plan") this.#planPiece(place, piece);
    else {
      this.#text(piece);
      if (feed >= 0) this.#lineEnds();
    }
    return to;
  }

  /** Withholds what may still become the opening fence, and lets it go as text at the first character that rules it out. */
  #lineStart(place: LineStart, text: string, from: number): number {
    for (let index = from; index < text.length; index++) {
      const state = place.fence.step(text.charCodeAt(index));
      if (state === "opened") this.#openPlan(place.fence);
      if (state === "opened") return index + 1;
      if (state === "pending") continue;
      this.#place = { at: "text" };
      this.#text(place.held + text.slice(from, index));
      return index;
    }
    place.held += text.slice(from);
    return text.length;
  }

  #openPlan({ ticks, indent }: OpeningFence): void {
    this.#plan = "empty";
    const body = this.#format.cut(ticks, (part) => {
      this.#plan = "written";
      this.#parts.push(part);
    });
    this.#place = { at: "plan", body, indent, strip: indent };
  }

  /** As in Markdown, the lines of an indented fence lose as much of their indent as it has. */
  #planPiece(place: PlanPlace, piece: string): void {
    let start = 0;
    for (; place.strip > 0 && piece[start] === " "; start++) place.strip -= 1;
    if (piece.endsWith("\n")) place.strip = place.indent;
    else if (start < piece.length) place.strip = 0;
    place.body.push(piece.slice(start));
    if (place.body.closed) this.#place = { at: "text" };
  }

  #text(text: string): void {
    if (text === "") return;
    this.#line += text.slice(0, Math.max(0, lineKept - this.#line.length));
    const last = this.#parts.at(-1);
    if (last?.type === "text") this.#parts[this.#parts.length - 1] = { type: "text", text: last.text + text };
    else this.#parts.push({ type: "text", text });
  }

  #lineEnds(): void {
    const whole = this.#line.length < lineKept;
    const line = this.#line.trimEnd();
    this.#line = "";
    if (this.#enclosure?.type === "fence") this.#fenceLine(this.#enclosure, whole ? line : "…");
    else if (this.#enclosure !== null) this.#thoughtLine(this.#enclosure.closing, line);
    else this.#textLine(line, whole);
    this.#place = this.#enclosure === null && this.#plan === "none" ? lineStart() : { at: "text" };
  }

  #textLine(line: string, whole: boolean): void {
    const thinking = thoughts.exec(line);
    if (thinking !== null) return this.#beginThoughts(`</${thinking[1]}>`, line.slice(thinking[0].length));
    const [opened, list = "", mark = "", info = ""] = textFence.exec(line) ?? [];
    if (opened === undefined || (mark.startsWith("`") && info.includes("`"))) {
      if (whole) this.#watch.prose(line);
      return;
    }
    this.#enclosure = { type: "fence", mark, inList: list !== "" };
    const tag = info.trim();
    this.#watch.openFence({ second: list === "" && mark.startsWith("`") && tag === "plan", tag });
  }

  #beginThoughts(closing: string, line: string): void {
    if (line.includes(closing)) return;
    this.#enclosure = { type: "thoughts", closing };
    this.#watch.openFence({ second: false, tag: "" });
  }

  /** What is thought is no plan yet; only where the thoughts never end may it have been meant as one. */
  #thoughtLine(closing: string, line: string): void {
    if (!line.includes(closing)) return this.#watch.fenceLine(line);
    this.#enclosure = null;
    this.#watch.dropFence();
  }

  #fenceLine({ mark, inList }: TextFence, line: string): void {
    const text = line.trimStart();
    const closes = text.startsWith(mark) && text.replaceAll(mark.charAt(0), "") === "";
    if (!closes || (!inList && line.length - text.length > 3)) return this.#watch.fenceLine(line);
    this.#enclosure = null;
    this.#watch.closeFence();
  }

  #take(): readonly PlanPart[] {
    const parts = this.#parts;
    this.#parts = [];
    return parts;
  }
}

function lineStart(): LineStart {
  return { at: "line-start", fence: new OpeningFence(), held: "" };
}
