import { userLabel } from "@orquestra/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Request, answerFor, describe as show, describeOpen, isCovered } from "./consent.ts";
import { plainLine, plainText } from "./plain-text.ts";

type Todo = Request["todos"][number];

const todo = (todoId: string, changes: Partial<Todo> = {}): Todo => ({
  todoId,
  effects: ["write"],
  summary: "change a.md",
  arguments: { path: "a.md" },
  provenance: [{ argument: "/path", integrity: "user", source: "your words" }],
  control: userLabel,
  undoable: true,
  reasons: [],
  ...changes,
});
const request = (todos: readonly Todo[], changes: Partial<Request> = {}): Request => ({
  approvalId: "a1",
  kind: "effects",
  todos: [...todos],
  ...changes,
});

let shown: string;
beforeEach(() => {
  shown = "";
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    shown += String(text);
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

describe("what --yes covers", () => {
  const outside = { integrity: "outside", confidentiality: "public" } as const;
  const workspace = { integrity: "workspace", confidentiality: "public" } as const;
  const fromOutside = [{ argument: "/path", integrity: "outside", source: "a page" } as const];
  it.each([
    ["a write on the user's word", todo("t1"), { nothing: false, reads: false, plan: true }],
    ["a read", todo("t1", { effects: ["read"] }), { nothing: false, reads: true, plan: true }],
    [
      "a read after reading a page",
      todo("t1", { effects: ["read"], control: outside }),
      { nothing: false, reads: true, plan: false },
    ],
    ["a read that also sends", todo("t1", { effects: ["read", "egress"] }), { nothing: false, reads: false, plan: true }],
    ["a write after reading a page", todo("t1", { control: outside }), { nothing: false, reads: false, plan: false }],
    ["a write after reading a file", todo("t1", { control: workspace }), { nothing: false, reads: false, plan: false }],
    ["a write of a value from outside", todo("t1", { provenance: fromOutside }), { nothing: false, reads: false, plan: false }],
  ] as const)("%s", (_what, one, expected) => {
    for (const consent of ["nothing", "reads", "plan"] as const)
      expect([consent, isCovered(one, consent)]).toEqual([consent, expected[consent]]);
  });
});

describe("the answer to a request", () => {
  const yes = (): Promise<boolean> => Promise.resolve(true);
  const no = (): Promise<boolean> => Promise.resolve(false);

  it("needs nobody when all is covered", async () => {
    const answer = await answerFor(request([todo("t1"), todo("t2")]), "plan", null);
    expect(answer).toEqual({ decision: "allow_once", decisions: { t1: "allow_once", t2: "allow_once" } });
  });

  it("is none when one todo is not covered and nobody is there: not even for the others", async () => {
    expect(
      await answerFor(
        request([todo("t1"), todo("t2", { effects: ["exec"], control: { integrity: "outside", confidentiality: "public" } })]),
        "plan",
        null,
      ),
    ).toBeNull();
  });

  it("asks for each todo that is not covered, and only for those", async () => {
    const asked: string[] = [];
    const answer = await answerFor(request([todo("t1", { effects: ["read"] }), todo("t2"), todo("t3")]), "reads", (question) => {
      asked.push(question);
      return Promise.resolve(question.includes("t3"));
    });
    expect(asked).toEqual(["Allow t2?", "Allow t3?"]);
    expect(answer).toEqual({ decision: "allow_once", decisions: { t1: "allow_once", t2: "reject_once", t3: "allow_once" } });
    expect((await answerFor(request([todo("t1")]), "nothing", no))?.decision).toBe("reject_once");
  });

  it.each(["plan", "budget", "repeat", "flood", "question"] as const)(
    "is never given beforehand to a pause of kind %s",
    async (kind) => {
      const pause = request([], { kind, question: "Go on?" });
      expect(await answerFor(pause, "plan", null)).toBeNull();
      expect((await answerFor(pause, "plan", yes))?.decision).toBe("allow_once");
      expect((await answerFor(pause, "plan", no))?.decision).toBe("reject_once");
    },
  );
});

describe("a call that comes again and again", () => {
  const again = request([todo("t3")], { kind: "repeat" });

  it("is never covered beforehand, and is shown before it is asked about", async () => {
    expect(await answerFor(again, "plan", null)).toBeNull();
    const asked: string[] = [];
    await answerFor(again, "plan", (question) => {
      asked.push(question);
      return Promise.resolve(false);
    });
    expect(asked).toEqual(["Allow t3?"]);
    expect(shown).toContain("t3 wants to change a.md");
  });
});

describe("what nobody is there to be asked", () => {
  const outside = { integrity: "outside", confidentiality: "public" } as const;
  it.each([
    ["may be done with --yes=plan where that covers it", request([todo("t1")]), "or run again with --yes=plan."],
    [
      "is for the sidebar where outside text had a part in it",
      request([todo("t1", { control: outside })]),
      "no --yes covers it.",
    ],
    ["is for the sidebar where it is a question", request([], { kind: "budget", question: "Go on?" }), "no --yes covers it."],
  ] as const)("%s", (_what, open, advice) => {
    describeOpen(open, "nothing");
    expect(shown).toContain("This needs an approval. Give it in the sidebar");
    expect(shown).toContain(advice);
  });
});

describe("what a person is shown", () => {
  it("is everything, with what could hide or move made visible", () => {
    const long = "x".repeat(5000);
    show(
      todo("t1", {
        summary: "run\u001b[2Kharmless",
        arguments: { command: `rm -rf\u202e ${long}\n\u200bnext` },
        undoable: false,
      }),
    );
    expect(shown).toContain("t1 wants to run\\u{1b}[2Kharmless (cannot be undone)");
    expect(shown).toContain(`rm -rf\\u{202e} ${long}`);
    expect(shown).toContain("\\u{200b}next");
    for (const hidden of ["\u001b", "\u202e", "\u200b"]) expect(shown).not.toContain(hidden);
  });

  it("keeps ordinary text as it is", () => {
    const text = "Zeile eins\n\tΖεύς 日本 👍 é";
    expect(plainText(text)).toBe(text);
    expect(plainLine(" a\n  b\r")).toBe("a b");
    expect(plainText("a\rb\u0007")).toBe("a\\u{d}b\\u{7}");
  });
});
