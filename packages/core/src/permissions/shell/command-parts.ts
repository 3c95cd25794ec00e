import type { Command, ParsedScript, Pipeline, Redirection, Statement, SyntaxNode } from "unbash";
import { forEachChild } from "unbash";
import type { CommandPart } from "./command-reading.ts";
import { literalWords, reasonOfRedirection, reasonsOf } from "./part-reasons.ts";

/** The command holds more than anybody could look through, or a mistake deep inside. */
export class TooTangled extends Error {}

const maxNodes = 20_000;

/** Everything a script does, in order: each command with all that makes it more than a program with words, and its comments. */
export function partsOf(script: ParsedScript, text: string): readonly CommandPart[] {
  return new PartList(text).of(script);
}

/** What is true of a node because of what it stands in. */
interface Around {
  readonly reasons: readonly string[];
  /** No part that was listed before holds it whole. */
  readonly top: boolean;
  /** The text its positions count in (commands in escaped backticks have their own) and where that stands in the whole one. */
  readonly source: string;
  readonly at: number | null;
}

interface Span {
  readonly pos: number;
  readonly end: number;
}

const constructs: { readonly [type: string]: string | undefined } = {
  If: "a choice",
  Case: "a choice",
  Select: "a choice",
  For: "a loop",
  ArithmeticFor: "a loop",
  While: "a loop",
  Subshell: "a group",
  BraceGroup: "a group",
  Function: "a function",
  Coproc: "a background job",
  TestCommand: "a test",
  ArithmeticCommand: "a calculation",
};

class PartList {
  readonly #parts: (CommandPart & { readonly position: number })[] = [];
  readonly #text: string;
  /** For each character, whether it is in a part. What is left are operators and comments. */
  readonly #listed: Uint8Array;
  #nodes = 0;

  constructor(text: string) {
    this.#text = text;
    this.#listed = new Uint8Array(text.length);
  }

  of(script: ParsedScript): readonly CommandPart[] {
    this.#visit(script, { reasons: [], top: true, source: this.#text, at: null });
    if (this.#parts.length === 0) throw new TooTangled("It contains no command.");
    const rest = this.#text.replaceAll(/[^]/g, (character, index: number) => (this.#listed[index] === 1 ? " " : character));
    for (const { 0: comment, index } of rest.matchAll(/#[^\n]*/g))
      this.#parts.push({ position: index, text: comment.trimEnd(), why: "is a comment and does not run", argv: null });
    const inOrder = this.#parts.toSorted((one, other) => one.position - other.position);
    return inOrder.map(({ text, why, argv }) => ({ text, why, argv }));
  }

  #visit(node: SyntaxNode, around: Around): void {
    this.#nodes += 1;
    if (this.#nodes > maxNodes) throw new TooTangled("It is too long to be looked through.");
    if (node.type === "Script") this.#script(node, around);
    else if (node.type === "CompoundList") this.#list(node.commands, around);
    else if (node.type === "Statement") this.#inside(node, node.background === true ? ["runs in the background"] : [], around);
    else if (node.type === "AndOr") this.#choices(node.commands, node.operators, around);
    else if (node.type === "Pipeline") this.#pipeline(node, around);
    else if (node.type === "Command") this.#command(node, around);
    else this.#other(node, around);
  }

  /** The whole script, or one in a substitution, which the parser reads when it is first looked at. */
  #script(script: ParsedScript, around: Around): void {
    const [error] = script.errors ?? [];
    if (error !== undefined) throw new TooTangled(`It is not written correctly: ${error.message}.`);
    this.#list(script.commands, script.source === undefined ? around : { ...around, source: script.source, at: around.at ?? 0 });
  }

  #list(statements: readonly Statement[], around: Around): void {
    const reasons = statements.length > 1 ? [`is one of ${statements.length} commands`] : [];
    for (const statement of statements) this.#visit(statement, within(around, reasons));
  }

  #choices(commands: readonly SyntaxNode[], operators: readonly string[], around: Around): void {
    for (const [index, command] of commands.entries()) {
      const ending = operators[index - 1] === "&&" ? "succeeds" : "fails";
      this.#visit(command, within(around, index === 0 ? [] : [`runs only if the one before ${ending}`]));
    }
  }

  #pipeline({ prefixes, commands }: Pipeline, around: Around): void {
    const reasons = prefixes.map((prefix) => (prefix.type === "Time" ? "is timed" : "has its result turned round"));
    for (const [index, command] of commands.entries()) {
      const from = index > 0 ? ["reads what the one before prints"] : [];
      const into = index < commands.length - 1 ? ["prints into the next"] : [];
      this.#visit(command, within(around, [...reasons, ...from, ...into]));
    }
  }

  #command(command: Command, around: Around): void {
    this.#add(
      command,
      command.redirects,
      { ...around, reasons: [...around.reasons, ...reasonsOf(command)] },
      literalWords(command),
    );
    this.#inside(command, ["runs inside another command"], this.#under(command, { ...around, reasons: [] }));
  }

  /** Constructs are shown whole, but only the outermost, and then the commands in them. Everything else only leads on. */
  #other(node: SyntaxNode, around: Around): void {
    const [type, redirects] = node.type === "Redirected" ? [node.command.type, node.redirects] : [node.type, []];
    const kind = constructs[type];
    if (kind === undefined) return this.#inside(node, [], around);
    const reasons = redirects.map(reasonOfRedirection);
    if (around.top) this.#add(node, redirects, within(around, [`is ${kind}`, ...reasons]), null);
    this.#inside(node, [`is in ${kind}`, ...reasons], this.#under(node, around));
  }

  #inside(node: SyntaxNode, reasons: readonly string[], around: Around): void {
    const inner = within(around, reasons);
    forEachChild(node, (child) => this.#visit(child, inner));
  }

  #under(node: Span, around: Around): Around {
    return { ...around, top: false, at: around.source === this.#text ? node.pos : around.at };
  }

  /** Texts given with `<<` stand apart from the command they belong to, and are shown with it. */
  #add(node: Span, redirects: readonly Redirection[], around: Around, argv: readonly string[] | null): void {
    const bodies = redirects.flatMap((it) =>
      it.type === "HereDoc" ? [{ pos: it.body.pos, end: it.closing?.end ?? it.body.end }] : [],
    );
    const spans = [node, ...bodies];
    const own = around.source === this.#text;
    if (own) for (const { pos, end } of spans) this.#listed.fill(1, pos, end);
    const text = spans.map(({ pos, end }) => around.source.slice(pos, end)).join("\n");
    const why = [...new Set(around.reasons)].join(", ") || "runs as it is written";
    this.#parts.push({ position: own ? node.pos : (around.at ?? 0), text, why, argv });
  }
}

function within(around: Around, reasons: readonly string[]): Around {
  return reasons.length === 0 ? around : { ...around, reasons: [...around.reasons, ...reasons] };
}
