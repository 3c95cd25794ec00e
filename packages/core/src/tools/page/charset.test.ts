import { expect, test } from "vitest";
import { textOfBytes } from "./charset.ts";

const latin = Buffer.from("Bücher", "latin1");
const utf8 = Buffer.from("Bücher");
const wide = Buffer.from("Bücher", "utf16le");

function page(meta: string, text: Buffer): Buffer {
  return Buffer.concat([Buffer.from(meta), text]);
}

test.each([
  ["UTF-8 by itself", utf8, "text/html"],
  ["the header", latin, "text/html; charset=iso-8859-1"],
  ["the header in quotes", latin, 'text/html;charset="ISO-8859-1"'],
  ["a mark before the header", Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), utf8]), "text/html; charset=iso-8859-1"],
  ["the mark of UTF-16", Buffer.concat([Buffer.from([0xff, 0xfe]), wide]), ""],
  ["UTF-16 by the header", wide, "text/plain; charset=utf-16le"],
  ["UTF-8 where the header names nothing known", utf8, "text/html; charset=nonsense"],
])("%s decides", (_what, bytes, contentType) => {
  expect(textOfBytes(bytes, contentType)).toBe("Bücher");
});

test.each([
  ["<meta charset=windows-1252>", latin],
  ['<meta http-equiv="content-type" content="text/html; charset=iso-8859-1">', latin],
  ['<meta name="viewport" content="width=1"><meta charset="latin1">', latin],
  ['<?xml version="1.0" encoding="ISO-8859-1"?>', latin],
  ["<meta charset=utf-16>", utf8],
  ["<meta charset=nonsense>", utf8],
])("the page decides where the header is silent: %s", (meta, text) => {
  expect(textOfBytes(page(meta, text), "text/html")).toBe(`${meta}Bücher`);
});

test("bytes that are no text are marked, not refused", () => {
  expect(textOfBytes(Buffer.from([0x41, 0xff, 0x42]), "text/plain")).toBe("A\ufffdB");
});
