import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ToolError } from "../../../tools/index.ts";
import { countingTool, partsThrough, runThrough, scriptedModel, textOf } from "../middleware.fixture.ts";
import { redactTools, redactTurns } from "./redact.ts";
import { Redactor } from "./redactor.ts";

const secret = 'made-up/secret+"v4lue';
const redactor = new Redactor({ values: [secret] });

/** Keys that look like the real ones and are none. */
const madeUpKeys = [
  `sk-${"made0up_".repeat(4)}`,
  `sk-ant-${"made0up-".repeat(6)}`,
  `ghp_${"MadeUp".repeat(6)}`,
  `github_pat_${"made_up0".repeat(4)}`,
  `glpat-${"made-up-".repeat(3)}`,
  "AKIAMADEUPMADEUPMADE",
  `AIza${"MadeUp0".repeat(5)}`,
  `xoxb-${"1234-".repeat(5)}`,
  `npm_${"MadeUp".repeat(6)}`,
  `Bearer ${"made.up~".repeat(4)}`,
];

describe("a redactor", () => {
  it("finds a value as it is, in JSON, in a URL, as hex, and as base64 wherever it begins", () => {
    const base64 = (text: string): string => Buffer.from(text).toString("base64");
    const written = [
      secret,
      JSON.stringify({ key: secret }),
      `https://shop.example/?key=${encodeURIComponent(secret)}`,
      Buffer.from(secret).toString("hex"),
      Buffer.from(secret).toString("base64url"),
      ...["", "a", "ab", "abc", "user:"].map((before) => base64(`${before}${secret}${before}`)),
    ];
    for (const text of written) {
      const found = redactor.text(`before ${text} after`);
      expect(found).toMatch(/^before .*\[redacted\].* after$/);
      const decoded = Buffer.from(found.slice(7, -6).replaceAll("[redacted]", ""), "base64").toString();
      expect(decoded).not.toContain(secret.slice(2, -2));
    }
  });

  it.each(madeUpKeys)("knows the shape of %s", (key) => {
    expect(redactor.text(`the key "${key}", they say`)).toBe('the key "[redacted]", they say');
    expect(redactor.text(`KEY=${key}`)).toBe("KEY=[redacted]");
  });

  it("takes out a private key with all its lines", () => {
    const lines = Array.from({ length: 4 }, () => "MadeUp0/".repeat(8)).join("\n");
    const pem = `-----BEGIN RSA PRIVATE KEY-----\n${lines}\n-----END RSA PRIVATE KEY-----`;
    for (const text of [pem, JSON.stringify(pem).slice(1, -1)]) {
      expect(redactor.text(`<${text}>`)).not.toContain("MadeUp");
      expect(redactor.text(`<${text}>`)).toMatch(/^<\[redacted\].*>$/);
    }
  });

  it.each(["task-list-of-many-words-in-a-row", "sk-short", "Bearer of news", "AKIA", "a disk-based-key-value-store-of-ours"])(
    "leaves %s alone",
    (text) => {
      expect(redactor.text(text)).toBe(text);
    },
  );

  it("goes through values of every kind, and gives back what holds no secret as it is", () => {
    const value = { a: [1, null, true, { b: `x ${secret}` }], c: "plain" };
    expect(redactor.json(value)).toEqual({ a: [1, null, true, { b: "x [redacted]" }], c: "plain" });
    const plain = { a: ["b", { c: 1 }] };
    expect(redactor.json(plain)).toBe(plain);
  });

  it("refuses values that would hide half of every text", () => {
    expect(() => new Redactor({ values: ["abc"] })).toThrow("at least 8 characters");
  });
});

describe("a stream", () => {
  const overlapping = ["abababab", "ababababab", "babababa-x", secret];
  const words = fc.constantFrom(
    ...[...overlapping, ...madeUpKeys].flatMap((text) => [text, text.slice(0, -1), text.slice(1)]),
    " ",
    "a",
    "s",
    "-",
    "A",
    "\n",
    "-----BEGIN PRIVATE KEY-----",
    "MadeUp0/".repeat(6),
    "plain words",
  );

  it("says what redacting its whole text says, however it is cut", () => {
    const one = new Redactor({ values: overlapping });
    const cut = fc.tuple(fc.array(words, { maxLength: 12 }), fc.array(fc.nat(7), { minLength: 1 }));
    fc.assert(
      fc.property(cut, ([parts, lengths]) => {
        const text = parts.join("");
        const stream = one.stream();
        let out = "";
        for (let at = 0, turn = 0; at < text.length; turn++) {
          const length = 1 + (lengths[turn % lengths.length] ?? 0);
          out += stream.push(text.slice(at, at + length));
          at += length;
        }
        expect(out + stream.end()).toBe(one.text(text));
      }),
      { numRuns: 2000 },
    );
  });

  it("holds back no more than the beginning of a secret", () => {
    const stream = redactor.stream();
    expect(stream.push("Hello, made")).toBe("Hello, ");
    expect(stream.push("?!")).toBe("made?!");
    expect(stream.push(" ?")).toBe(" ?");
    expect(stream.push(" risk")).toBe(" risk");
    expect(stream.end()).toBe("");
  });

  it("takes time with the length of its text, also inside a key without end", () => {
    const stream = redactor.stream();
    let out = "";
    for (let i = 0; i < 200_000; i++) out += stream.push(i === 0 ? "sk-x" : "made");
    expect(out + stream.end()).toBe("[redacted]");
  });
});

describe("redaction around calls", () => {
  it("keeps secrets out of results and of the words of failures", async () => {
    const says = countingTool({ run: async () => ({ said: `the key is ${secret}` }) });
    expect(await runThrough([redactTools(redactor)], { tool: says.tool })).toEqual({ said: "the key is [redacted]" });
    const failing = countingTool({
      run: () => Promise.reject(new ToolError("refused", `Not with ${secret}.`, { retryable: true })),
    });
    const failure: unknown = await runThrough([redactTools(redactor)], { tool: failing.tool }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "refused", message: "Not with [redacted].", retryable: true });
    expect(Object(failure)).not.toHaveProperty("cause");
    const breaking = countingTool({ run: () => Promise.reject(new Error(secret)) });
    await expect(runThrough([redactTools(redactor)], { tool: breaking.tool })).rejects.toThrow("The tool broke: [redacted]");
  });

  it("keeps them out of what a model is told, and out of what it says in whatever pieces", async () => {
    const pieces = `I know ${secret}. Really.`.split("");
    const model = scriptedModel([
      { text: pieces, reasoning: `Is it ${secret}?`, calls: [{ name: "say", arguments: { word: secret } }] },
    ]);
    const parts = await partsThrough([redactTurns(redactor)], model, { system: `The key is ${secret}.` });
    expect(JSON.stringify(model.requests)).not.toContain(JSON.stringify(secret).slice(1, -1));
    expect(model.requests[0]?.system).toBe("The key is [redacted].");
    expect(textOf(parts)).toBe("I know [redacted]. Really.");
    expect(parts[0]).toEqual({ type: "reasoning", text: "Is it [redacted]?" });
    const call = parts.find(({ type }) => type === "call");
    expect(call).toMatchObject({ call: { argumentsText: '{"word":"[redacted]"}' } });
    expect(parts.at(-1)).toEqual({ type: "end", reason: "calls" });
  });

  it("gives what was held back before the end is told", async () => {
    const parts = await partsThrough([redactTurns(redactor)], scriptedModel([{ text: "It was made" }]));
    expect(textOf(parts)).toBe("It was made");
    expect(parts.at(-1)).toEqual({ type: "end", reason: "stop" });
  });
});
