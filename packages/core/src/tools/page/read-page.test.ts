import { describe, expect, test } from "vitest";
import { article } from "./pages.fixture.ts";
import { readPage } from "./read-page.ts";

const { signal } = new AbortController();
const url = "https://example.org/";

describe("a page is read on a thread of its own", () => {
  test("and says what it says", async () => {
    const page = await readPage({ html: article, url }, { signal });
    expect(page).toMatchObject({ title: "How a lantern burns | The Harbour Paper", cut: false });
    expect(page.text).toContain("A lantern is a small room for a flame.");
  });

  test("whose end is not waited for: the server goes on meanwhile", async () => {
    const paragraph = "<p>Some words about a lantern, and <a href=/x>more</a> of <b>them</b>.</p>";
    let beats = 0;
    const beat = setInterval(() => (beats += 1), 10);
    try {
      const page = await readPage({ html: paragraph.repeat(70_000), url }, { signal, timeoutMs: 60_000 });
      expect(page.cut).toBe(true);
      expect(page.text).toContain("Some words about a lantern, and [more](https://example.org/x) of **them**.");
      expect(beats).toBeGreaterThan(10);
    } finally {
      clearInterval(beat);
    }
  });

  test("which reads others too: each gets its own, also after one that had to be ended", async () => {
    const read = async (index: number): Promise<string> => {
      const html = `<title>${index}</title>${"<p>words</p>".repeat(index)}`;
      return (await readPage({ html, url }, { signal, timeoutMs: 60_000 })).title;
    };
    const pages = Array.from({ length: 6 }, (_, index) => index);
    expect(await Promise.all(pages.map(read))).toEqual(pages.map(String));
    const slow = readPage({ html: "<p>x<br><br>".repeat(80_000), url }, { signal, timeoutMs: 1 });
    const others = Promise.all(pages.map(read));
    await expect(slow).rejects.toMatchObject({ code: "page_too_complex" });
    expect(await others).toEqual(pages.map(String));
    expect(await read(7)).toBe("7");
  });

  test("that is ended when it takes too long", async () => {
    const slow = readPage({ html: "<p>x<br><br>".repeat(80_000), url }, { signal, timeoutMs: 20 });
    await expect(slow).rejects.toMatchObject({ code: "page_too_complex" });
  });

  test("that is ended when somebody stops it", async () => {
    const stop = new AbortController();
    const page = readPage({ html: article, url }, { signal: stop.signal });
    stop.abort();
    await expect(page).rejects.toMatchObject({ code: "aborted" });
    await expect(readPage({ html: article, url }, { signal: stop.signal })).rejects.toMatchObject({ code: "aborted" });
  });
});
