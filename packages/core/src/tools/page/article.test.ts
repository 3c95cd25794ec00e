import { describe, expect, test } from "vitest";
import { articleOf } from "./article.ts";
import { article, forum, hiding, manual, plain } from "./pages.fixture.ts";

const url = "https://example.org/a/b";

function read(html: string): string {
  return articleOf({ html, url }).text;
}

describe("a page is read as what it says", () => {
  test("an article: without what stands round it, links whole, images as words", () => {
    expect(articleOf({ html: article, url })).toEqual({
      title: "How a lantern burns | The Harbour Paper",
      text: `By the night desk

A lantern is a small room for a flame. The glass keeps the wind away, and the vents above and below let the air go through, so that the flame gets what it needs and no more than that.

## The wick

The wick *draws* the oil up; a **trimmed** wick gives a flame without smoke. See [how to trim one](https://example.org/a/wicks.html?kind=flat&width=2#trim), and this.

(image: A brass lantern on a quay, https://example.org/img/lantern.jpg)

On the quay, at four.

> Light is what is left when the oil is gone.

1.  Fill it.
2.  Light it.`,
    });
  });

  test("a manual: with its examples and tables as they are", () => {
    expect(articleOf({ html: manual, url })).toEqual({
      title: "Configuration — Lantern 2.1",
      text: `# Configuration

Lantern reads \`lantern.toml\` from the folder it is started in.

\`\`\`\`toml
[flame]
height = 2     # centimetres
note = "\`\`\`"
\`\`\`\`

Then start it:

\`\`\`shell
$ lantern serve --port 8080
# listening
\`\`\`

| Setting | Default | Meaning |
| --- | --- | --- |
| \`height\` | 2 | Height of the flame, in *cm* |
| \`mode\` | \`a\\|b\` | First line second line |

Next: [running it](https://example.org/run/).`,
    });
  });

  test("a forum: the answers too, however short", () => {
    expect(read(forum)).toContain(`It smokes as soon as I turn it up. What can I do?

Trim the wick. Straight across, with sharp scissors, and let it soak for ten minutes before you light it, or it burns itself instead of the oil.

And use clean oil: \`lamp-oil --grade 1\`.

It was the wick. Thank you!`);
  });

  test("a page without any order", () => {
    expect(articleOf({ html: plain, url })).toEqual({
      title: "Tides",
      text: `## Tides of the week

High water at **04:10**.
Low water at **10:20**.

Spring tide on Sunday.

See [next week](https://example.org/next)`,
    });
  });

  test("a page that hides text from those who look at it", () => {
    expect(articleOf({ html: hiding, url })).toEqual({
      title: "Oil prices",
      text: `A barrel of lamp oil costs **12** today, and it cost **11** a week ago.

Prices without tax.

White on black is read.

Next price on Monday.`,
    });
  });

  test.each([
    "display:/**/none",
    "d\\69splay:none",
    "DISPLAY : NONE !important",
    "opacity:1%",
    "font-size:0.01em",
    "font-size:.5pt",
    "font:0/0 a",
    "font: italic 1px serif",
    "clip-path:circle(0)",
    "clip-path:polygon(0 0, 0 0, 0 0)",
    "transform:translateX(-9999px)",
    "translate:-9999px 0",
    "transform:scale(0, 0)",
    "transform:scaleX(0)",
    "scale:0",
    "max-height:0px;overflow-y:hidden",
    "height:0em;overflow:hidden scroll",
    "position:fixed;bottom:-9999px",
    "position:absolute;left:9999px",
    "position:absolute;left:-100vw",
    "position:absolute;inset:-9999px auto auto 0",
    "color:hsl(0,0%,100%)",
    "color:rgb(100%,100%,100%)",
    "color:#fefefe",
    "color:rgb(250 250 250)",
    "background:#123456 url(x);color:#123456",
    "background:red;color:#f00",
    "color:#0000",
    "color:#ff000000",
    "color:rgb(0 0 0 / 0)",
    "-webkit-text-fill-color:transparent",
  ])("no text is read that is hidden by %s", (style) => {
    expect(read(`<p>seen</p><p style="${style}">PAYLOAD</p>`)).toBe("seen");
  });

  test.each([
    "color:#333",
    "color:rgb(200,200,200)",
    "opacity:0.5",
    "font:16px/1.5 serif",
    "font-size:0.8em",
    "font-size:60%",
    "left:-20px",
    "width:100%;height:1px",
    "transform:translateX(-50%)",
    "transform:scale(0.9)",
    "background:#123456;color:white",
    "color:rgba(0,0,0,0.6)",
    "inset:0",
    "clip-path:polygon(0 0, 100% 0, 100% 100%)",
    "max-width:600px;overflow:hidden",
  ])("text is read that is seen with %s", (style) => {
    expect(read(`<p style="${style}">seen</p>`)).toBe("seen");
  });

  test.each([
    "<style>@media screen { .x { display: none } }</style><p class=x>PAYLOAD",
    '<style>@import "a"; .x { display: none }</style><p class=x>PAYLOAD',
    "<style><!-- @layer a { .x { display: none } } --></style><p class=x>PAYLOAD",
    "<style>.\\78 { display: none }</style><p class=x>PAYLOAD",
    "<style>.x { color: #fff; background: white }</style><p class=x>PAYLOAD",
    "<font color=white>PAYLOAD</font>",
    "<p aria-hidden=TRUE>PAYLOAD</p>",
    "<noframes>PAYLOAD</noframes>",
    "<div popover>PAYLOAD</div>",
    '<img alt="PAYLOAD" src=/a.png width=1 height=1>',
  ])("nor by %s", (html) => {
    expect(read(`<p>seen</p>${html}`)).toBe("seen");
  });

  test.each([
    ["nothing", "", ""],
    ["no page", "just words", "just words"],
    ["only spaces", "  \n ", ""],
    ["an open end", "<p>one<p>two<div><b>three", "one\n\ntwo\n\n**three**"],
    ["a page in a page", "<html><body><p>a</p><html><body><p>b</p>", "a\n\nb"],
    ["no words", "<img src=x><script>1</script>", "(image: https://example.org/a/x)"],
  ])("%s", (_what, html, text) => {
    expect(read(html)).toBe(text);
  });
});

describe("links and images", () => {
  test.each([
    ['<a href="/x">y</a>', "[y](https://example.org/x)"],
    ['<a href="?q=1">y</a>', "[y](https://example.org/a/b?q=1)"],
    ['<a href="//other.example/x">y</a>', "[y](https://other.example/x)"],
    ['<a href="mailto:ada@example.org">y</a>', "[y](mailto:ada@example.org)"],
    ['<a href="/a(b)">y</a>', "[y](https://example.org/a%28b%29)"],
    ['<a href="data:text/html,x">y</a>', "y"],
    ['<a href=" JaVaScRiPt:alert(1)">y</a>', "y"],
    ['<a href="vbscript:x">y</a>', "y"],
    ['<a href="file:///etc/passwd">y</a>', "y"],
    ["<a>y</a>", "y"],
    ['<a href="/x"></a>', ""],
    ['<img alt="a ship" src="data:image/png;base64,AAAA">', "(image: a ship)"],
    ['<img src="http://[">', ""],
    ['<base href="https://base.example/d/"><a href="x">y</a>', "[y](https://base.example/d/x)"],
    ['<base href="javascript:1"><a href="x">y</a>', "[y](https://example.org/a/x)"],
  ])("%s", (html, text) => {
    expect(read(html)).toBe(text);
  });

  test("no image is left for anybody to fetch, whatever the page writes", () => {
    const text = read(
      '<p>![x](https://t.example/1.png) <img alt="![y](https://t.example/2.png)" src="/i.png"> &lt;img src=https://t.example/3.png&gt;</p>',
    );
    expect(text).not.toMatch(/!\[|(?<!\\)<img/);
  });

  test.each([
    ['<p>!<a href="https://t.example/1.png">x</a>', "\\![x](https://t.example/1.png)"],
    ['<p>!<span></span><a href="https://t.example/1.png">x</a>', "\\![x](https://t.example/1.png)"],
    [
      '<img alt="q" src="/a)![x](https://t.example/1.png">',
      "(image: q, https://example.org/a%29%21[x]%28https://t.example/1.png)",
    ],
    ['<a href="/a?`b">y</a>`x', "[y](https://example.org/a?%60b)\\`x"],
  ])("nor does %s become one", (html, text) => {
    expect(read(html)).toBe(text);
  });
});

describe("pages that are too much", () => {
  test("are read as plain text when they nest without end", () => {
    expect(read(`${"<div>".repeat(20_000)}deep<p>words`)).toBe("deep\nwords");
  });

  test("are read as plain text when they have more parts than anybody reads", () => {
    const text = read(`<p>first</p>${"<i>x</i>".repeat(60_000)}<p>last`);
    expect([text.startsWith("first\nxxx"), text.endsWith("x\nlast")]).toEqual([true, true]);
  });

  test("are read with their headings, lists and links while they have fewer", () => {
    const text = read(`<main><h1>all</h1>${"<li>x</li>".repeat(20_000)}<a href=/n>next</a></main><p>PAYLOAD`);
    expect([text.slice(0, 14), text.slice(-35)]).toEqual(["# all\n\n-   x\n-", "-   x\n[next](https://example.org/n)"]);
  });

  test("are not sorted through where they nest: every part would be read with every part around it", () => {
    const story = `<div>${"<p>Words of the story, and more words, and yet more of them.</p>".repeat(9)}</div>`;
    const page = (middle: string): string => read(`${story}${middle}<div class="sponsor sidebar">PAYLOAD</div>`);
    expect(page("<div>x</div>")).not.toContain("PAYLOAD");
    expect(page(`${"<div>".repeat(95)}x${"</div>".repeat(95)}`.repeat(66))).toContain("PAYLOAD");
  });

  test("may break off anywhere", () => {
    for (const page of [article, manual, forum, hiding])
      for (let length = 0; length < page.length; length += 197) expect(read(page.slice(0, length))).toBeTypeOf("string");
  });
});
