import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import * as fc from "fast-check";
import { type Blocks, nextBlocks, noBlocks } from "./blocks.ts";
import { safeLink } from "./links.ts";
import { Markdown } from "./markdown.tsx";

const html = (text: string, open = false): string => renderToStaticMarkup(<Markdown text={text} open={open} />);

describe("markdown that somebody else wrote", () => {
  const hostile = [
    `<script>alert(1)</script>`,
    `<img src="https://evil.example/p.gif" onerror="alert(1)">`,
    `![x](https://evil.example/p.gif)`,
    `![x][ref]\n\n[ref]: https://evil.example/p.gif`,
    `[x](javascript:alert(1))`,
    `[x](JaVaScRiPt&colon;alert(1))`,
    `[x](&#106;avascript:alert(1))`,
    `[x](\u0001javascript:alert(1))`,
    `[x](java\nscript:alert(1))`,
    `[x](data:text/html;base64,PHNjcmlwdD4=)`,
    `[x](vbscript:msgbox(1))`,
    `[x](file:///etc/passwd)`,
    `[x](//evil.example/)`,
    `<a href="javascript:alert(1)">x</a>`,
    `<iframe srcdoc="<script>1</script>">`,
    `<style>@import "https://evil.example/x.css"</style>`,
    `<svg onload=alert(1)>`,
    `<javascript:alert(1)>`,
    `"><script>alert(1)</script>`,
    "```html\n<script>alert(1)</script>\n```",
    '```x" onmouseover="alert(1)\ncode\n```',
    `| a |\n|---|\n| <img src=x onerror=alert(1)> |`,
    `[a](https://ok.example "\\" onclick=\\"alert(1)")`,
    `&lt;script&gt;alert(1)&lt;/script&gt;`,
    `- [x] <input autofocus onfocus=alert(1)>`,
  ];

  it.each(hostile)("stays text: %j", (text) => {
    for (const markup of [html(text), html(text, true)]) {
      expect(markup).not.toMatch(/<(script|img|iframe|style|svg onload|object|embed|link|meta|form)\b/i);
      expect(markup).not.toMatch(/<[a-z0-9]+\b[^>]*\son[a-z]+=/i);
      expect(markup).not.toMatch(/\b(src|srcset|srcdoc|action|formaction|poster|background)="/i);
      for (const [, href = ""] of markup.matchAll(/href="([^"]*)"/g)) expect(href).toMatch(/^(https?:|mailto:)/);
    }
  });

  it("names an image and its host instead of loading it", () => {
    expect(html("![chart](https://evil.example/p.gif?leak=1)")).toContain("not loaded from evil.example");
  });

  it("says where a link goes unless its text already does", () => {
    expect(html("[your bank](https://evil.example/login)")).toContain("(evil.example)");
    expect(html("[bank.example](https://evil.example/login)")).toContain("(evil.example)");
    expect(html("https://ok.example/a")).not.toContain("oq-md-host");
  });

  it("refuses links that carry a name or password", () => {
    expect(safeLink("https://bank.example@evil.example/")).toBeNull();
  });

  it("opens links without handing over the window or the address", () => {
    const markup = html("[a](https://ok.example/)");
    expect(markup).toContain('rel="noopener noreferrer nofollow"');
    expect(markup).toContain('referrerPolicy="no-referrer"');
  });

  it("survives nesting deeper than any stack", () => {
    for (const text of [`${">".repeat(20_000)} x`, `${"- ".repeat(5_000)}x`, `${"[".repeat(20_000)}x`, "*".repeat(20_001)]) {
      expect(html(text).length).toBeGreaterThan(0);
    }
  });
});

describe("markdown that is still arriving", () => {
  const text = [
    "# Title",
    "Some **bold** text with `code` and a [link](https://ok.example/).",
    "- one\n- two\n\n  more of two\n- three",
    "```ts\nconst a = 1;\n\nconst b = 2;\n```",
    "> quoted\n> again",
    "| a | b |\n|---|--:|\n| 1 | 2 |",
    "1. first\n2. second",
    "The end.",
  ].join("\n\n");

  const shown = (blocks: Blocks): string => JSON.stringify(blocks.list.map((block) => block.token));

  it("ends in the same blocks wherever the text was cut", () => {
    const whole = shown(nextBlocks(noBlocks, text, false));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: text.length }), { maxLength: 12 }), (cuts) => {
        let blocks = noBlocks;
        for (const cut of cuts.toSorted((a, b) => a - b)) blocks = nextBlocks(blocks, text.slice(0, cut), true);
        expect(shown(nextBlocks(blocks, text, false))).toBe(whole);
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  it("keeps the identity of settled blocks", () => {
    const before = nextBlocks(noBlocks, text, true);
    const after = nextBlocks(before, `${text} And more.`, true);
    expect(after.list[0]).toBe(before.list[0]);
    expect(after.list[4]).toBe(before.list[4]);
  });

  it("closes half-open syntax for show only", () => {
    expect(html("some **bold", true)).toContain("<strong>bold</strong>");
    expect(html("some **bold", false)).toContain("**bold");
  });

  it("starts anew when the text is replaced", () => {
    const before = nextBlocks(noBlocks, "one\n\ntwo\n\nthree", true);
    expect(shown(nextBlocks(before, "uno", false))).toBe(shown(nextBlocks(noBlocks, "uno", false)));
  });
});
