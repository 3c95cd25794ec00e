import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { SecretValue } from "../../lib/secret-value.ts";
import { keyShapes } from "./key-shapes.ts";
import { LiteralSearch } from "./literal-search.ts";
import { Redactor } from "./redactor.ts";
import { RedactedNews } from "./redacted-news.ts";

const secret = 'made-up/secret+"v4lue';
const shopKey = new SecretValue("SHOP_KEY", secret);
const redactor = new Redactor({ secrets: [shopKey], shapes: keyShapes });

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
      Buffer.from(secret).toString("hex").toUpperCase(),
      Buffer.from(secret).toString("base64url"),
      new URLSearchParams({ key: secret }).toString(),
      encodeURIComponent(secret).toLowerCase(),
      ...["", "a", "ab", "abc", "user:"].map((before) => base64(`${before}${secret}${before}`)),
    ];
    for (const text of written) {
      const found = redactor.text(`before ${text} after`);
      expect(found).toMatch(/^before .*\[secret SHOP_KEY\].* after$/);
      const decoded = Buffer.from(found.slice(7, -6).replaceAll("[secret SHOP_KEY]", ""), "base64").toString();
      expect(decoded).not.toContain(secret.slice(2, -2));
    }
  });

  it("finds a value as other programs write it", () => {
    const odd = `mäde-up/<'"&=0123`;
    const knowing = new Redactor({ secrets: [new SecretValue("ODD_KEY", odd)] });
    const bytes = [...Buffer.from(odd)].map((byte) => byte.toString(16).padStart(2, "0"));
    const utf16 = (before: string): string => Buffer.from(`${before}${odd}${before}`, "utf16le").toString("base64");
    const written = [
      JSON.stringify(JSON.stringify({ key: odd })),
      String.raw`{"key":"mäde-up\/<'\"&=0123"}`,
      String.raw`{"key":"mäde-up/\u003c'\"\u0026=0123"}`,
      String.raw`{"key":"m\u00e4de-up/<'\"&=0123"}`,
      `<b title="mäde-up/&lt;&#39;&quot;&amp;=0123">`,
      `<b title="mäde-up/&lt;&#x27;&quot;&amp;=0123">`,
      `<b title="mäde-up/&lt;&apos;&quot;&amp;=0123">`,
      `<b title="mäde-up/&lt;&#39;&#34;&amp;=0123">`,
      `<b>mäde-up/&lt;'"&amp;=0123</b>`,
      `mäde-up/<'"&=3D0123`,
      bytes.join(" "),
      bytes.join(":").toUpperCase(),
      bytes.map((byte) => String.raw`\x${byte}`).join(""),
      bytes.map((byte) => `%${byte}`).join(""),
      ...["", "a", "ab"].map(utf16),
    ];
    for (const text of written) expect(knowing.text(`before ${text} after`)).toMatch(/^before .*\[secret ODD_KEY\].* after$/);
  });

  it.each([16, 60, 64, 76])("finds a value in base64 and hex that are wrapped at %i characters, wherever it stands", (width) => {
    const wrapped = (text: string, end: string): string => (text.match(new RegExp(`.{1,${width}}`, "g")) ?? []).join(end);
    for (let before = 0; before < 120; before++) {
      const bytes = Buffer.from(`${"-".repeat(before)}${secret}${"-".repeat(200)}`);
      for (const [encoding, end] of [
        ["base64", "\n"],
        ["base64", "\r\n"],
        ["hex", "\n"],
      ] as const) {
        const found = redactor.text(`here: ${wrapped(bytes.toString(encoding), end)}${end}done.${end}`);
        expect(found).toContain("[secret SHOP_KEY]");
        expect(found.endsWith(`${end}done.${end}`)).toBe(true);
        const pieces = found.split("[secret SHOP_KEY]").map((piece) => piece.replace("here: ", "").replaceAll(/\s/g, ""));
        expect(pieces.map((piece) => Buffer.from(piece, encoding).toString()).join("")).not.toContain(secret.slice(3, -3));
      }
    }
  });

  it("leaves lines alone that hold none", () => {
    const text = `${"MadeUp0/".repeat(8)}\r\n${"MadeUp0/".repeat(8)}\n\n${"MadeUp0/".repeat(3)}\nmade-up\n`;
    expect(redactor.text(text)).toBe(text);
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
    expect(redactor.json(value)).toEqual({ a: [1, null, true, { b: "x [secret SHOP_KEY]" }], c: "plain" });
    const plain = { a: ["b", { c: 1 }] };
    expect(redactor.json(plain)).toBe(plain);
  });

  it("refuses values that would hide half of every text", () => {
    expect(() => new Redactor({ secrets: [new SecretValue("A_KEY", "abc")] })).toThrow(
      "A_KEY cannot be kept out of texts: it has fewer than 8 characters.",
    );
    for (const word of ["postgres", "orquestra", "PASSWORD", "1234567890"])
      expect(() => new Redactor({ secrets: [new SecretValue("A_KEY", word)] })).toThrow("a plain word");
  });

  it("knows a secret from the moment it is added, and both that are the same by the first one's name", () => {
    const growing = new Redactor();
    expect(growing.isEmpty).toBe(true);
    expect(growing.text(secret)).toBe(secret);
    growing.add(shopKey, new SecretValue("OTHER_KEY", secret));
    expect(growing.text(secret)).toBe("[secret SHOP_KEY]");
    growing.add(new SecretValue("THIRD_KEY", "made-up-third"));
    expect(growing.text(`${secret} made-up-third`)).toBe("[secret SHOP_KEY] [secret THIRD_KEY]");
  });

  it("takes secrets out of the names of members, too, and leaves bytes alone", () => {
    const bytes = Buffer.from(secret);
    const value = { [secret]: 1, bytes };
    expect(redactor.json(value)).toEqual({ "[secret SHOP_KEY]": 1, bytes });
    expect(redactor.json({ bytes }).bytes).toBe(bytes);
    const pollution: unknown = JSON.parse('{"__proto__": {"made": "made-up/secret+\\"v4lue"}}');
    expect(JSON.stringify(redactor.json(pollution))).toBe('{"__proto__":{"made":"[secret SHOP_KEY]"}}');
  });

  it("tells a value that holds a secret, or what stands for one", () => {
    expect(redactor.holdsSecret({ a: [`x${secret}`] })).toBe(true);
    expect(redactor.holdsSecret({ a: ["key: [secret SHOP_KEY]"] })).toBe(true);
    expect(redactor.holdsSecret({ a: ["[secret OTHER_KEY]", "[redacted]", "made-up"] })).toBe(false);
  });
});

describe("a stream", () => {
  const overlapping = ["abab4bab", "abab4babab", "bab4baba-x", secret];
  const words = fc.constantFrom(
    ...[...overlapping, ...madeUpKeys].flatMap((text) => [text, text.slice(0, -1), text.slice(1)]),
    " ",
    "a",
    "s",
    "-",
    "A",
    "-----BEGIN PRIVATE KEY-----",
    "MadeUp0/".repeat(6),
    "plain words",
  );

  it("says what redacting its whole text says, however it is cut", () => {
    const one = new Redactor({
      secrets: overlapping.map((value, index) => new SecretValue(`KEY_${index}`, value)),
      shapes: keyShapes,
    });
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

describe("the search", () => {
  const letters = fc.constantFrom("a", "b", "é", "\u{1F600}", "-");
  const literal = fc
    .array(letters, { minLength: 2, maxLength: 12 })
    .map((parts) => parts.join(""))
    .filter(({ length }) => length > 1);
  const escaped = (text: string): string => text.replaceAll("-", String.raw`\-`);

  it("finds what a pattern of all literals finds, and knows where one may begin", () => {
    const text = fc.array(fc.oneof(letters, literal), { maxLength: 40 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.array(literal, { maxLength: 6 }), text, fc.nat(20), (literals, searched, from) => {
        const search = new LiteralSearch(literals);
        const longestFirst = literals.toSorted((a, b) => b.length - a.length);
        const pattern = new RegExp(literals.length === 0 ? "(?!)" : longestFirst.map(escaped).join("|"), "g");
        pattern.lastIndex = from;
        const found = pattern.exec(searched);
        expect(search.find(searched, from)).toEqual(found === null ? null : { start: found.index, literal: found[0] });
        const tails = Array.from({ length: searched.length }, (_, at) => at);
        const open = tails.find(
          (at) => at >= from && literals.some((one) => one.startsWith(searched.slice(at)) && one.length > searched.length - at),
        );
        expect(search.openFrom(searched, from)).toBe(open ?? searched.length);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("news", () => {
  it("hold no secret that a program wraps, wherever its print is cut", () => {
    const print = `${"-".repeat(40)}${secret}${"-".repeat(40)}`;
    const lines = (
      Buffer.from(print)
        .toString("hex")
        .match(/.{1,32}/g) ?? []
    ).join("\n");
    for (let at = 1; at < lines.length; at++) {
      const news = new RedactedNews(redactor);
      const told = [lines.slice(0, at), `${lines.slice(at)}\n-- `].map((text) => {
        return z.object({ text: z.string() }).parse(news.clean({ stream: "stdout", text })).text;
      });
      expect(told.join("")).toContain("[secret SHOP_KEY]");
      expect(told.join("").replaceAll("\n", "")).not.toContain(Buffer.from(secret.slice(0, 6)).toString("hex"));
    }
  });

  it("hold no secret, also where it is cut between two pieces of one stream", () => {
    const news = new RedactedNews(redactor);
    const told = [
      { stream: "stdout", text: "it is made-up/sec" },
      { stream: "stderr", text: "other" },
      { stream: "stdout", text: 'ret+"v4lue, they say' },
    ].map((piece) => news.clean(piece));
    expect(told).toEqual([
      { stream: "stdout", text: "it is " },
      { stream: "stderr", text: "other" },
      { stream: "stdout", text: "[secret SHOP_KEY], they say" },
    ]);
    expect(news.clean({ text: `x ${secret}`, done: 1 })).toEqual({ text: "x [secret SHOP_KEY]", done: 1 });
    expect(news.clean(secret)).toBe("[secret SHOP_KEY]");
  });
});
