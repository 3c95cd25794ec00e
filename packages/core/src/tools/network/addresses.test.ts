import * as fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, test } from "vitest";
import { isPublicAddress } from "./addresses.ts";
import { createSafeFetch } from "./safe-fetch.ts";
import { forbiddenNetworks, spellings } from "./spellings.fixture.ts";

const never = new AbortController().signal;

/** The strict rule, and nobody to ask: what gets past the check would fail otherwise than with a refusal. */
const asked: string[] = [];
const strict = createSafeFetch({
  isAllowed: (address) => isPublicAddress(address, []),
  resolve: async (name) => {
    asked.push(name);
    return [];
  },
});

async function codeOf(url: string): Promise<string> {
  return strict(url, { signal: never }).then(
    () => "answered",
    (error: { readonly code: string }) => error.code,
  );
}

const refusal = /^(?:url|address)_refused$/;

describe("addresses that are not public", () => {
  test.each(spellings)("%s is refused", async (url) => {
    expect(await codeOf(url)).toMatch(refusal);
    expect(asked).toEqual([]);
  });

  test("no forbidden IPv4 address gets through in any spelling", async () => {
    const inNetwork = fc.constantFrom(...forbiddenNetworks).chain((network) => {
      const [base, bits] = ipaddr.parseCIDR(network);
      const first = numberOf(base.toString());
      return fc.nat({ max: 2 ** (32 - bits) - 1 }).map((offset) => first + offset);
    });
    await fc.assert(
      fc.asyncProperty(inNetwork, fc.constantFrom(...writings), async (address, write) => {
        expect(await codeOf(`http://${write(address)}/`)).toMatch(refusal);
        expect(isPublicAddress(dotted(address), [])).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  test("no address that carries an IPv4 one gets through, whichever it carries", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 2 ** 32 - 1 }), fc.constantFrom(...carriers), async (address, carry) => {
        expect(await codeOf(`http://[${carry(address)}]/`)).toMatch(refusal);
      }),
      { numRuns: 500 },
    );
  });

  test("every other IPv4 address is public", () => {
    const forbidden = [...forbiddenNetworks].map((network) => ipaddr.parseCIDR(network));
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 32 - 1 }), (number) => {
        const address = dotted(number);
        const isForbidden = forbidden.some(([base, bits]) => ipaddr.parse(address).match(base, bits));
        expect(isPublicAddress(address, [])).toBe(!isForbidden);
      }),
      { numRuns: 5000 },
    );
  });

  test("addresses of the internet are public, in their own spelling only", () => {
    for (const address of ["93.184.215.14", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001:80b::200e"])
      expect(isPublicAddress(address, [])).toBe(true);
    for (const text of ["0x5d.184.215.14", "1.1", "16843009", "2606:4700::1%eth0", "example.org", ""])
      expect(isPublicAddress(text, [])).toBe(false);
  });

  test("public addresses of the networks this machine stands in are not for tools", () => {
    const own = ["93.184.215.7/24", "2606:4700:4700::7/64"];
    expect(isPublicAddress("93.184.215.14", own)).toBe(false);
    expect(isPublicAddress("93.184.216.14", own)).toBe(true);
    expect(isPublicAddress("2606:4700:4700::1111", own)).toBe(false);
    expect(isPublicAddress("2606:4700:4701::1111", own)).toBe(true);
  });
});

function numberOf(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

function bytesOf(address: number): readonly [number, number, number, number] {
  return [Math.floor(address / 2 ** 24), Math.floor(address / 65_536) % 256, Math.floor(address / 256) % 256, address % 256];
}

function dotted(address: number): string {
  return bytesOf(address).join(".");
}

function hex(value: number, digits = 1): string {
  return value.toString(16).padStart(digits, "0");
}

function groups(address: number): string {
  return `${hex(Math.floor(address / 65_536))}:${hex(address % 65_536)}`;
}

type Write = (address: number) => string;

/** Every way a reader of URLs understands an IPv4 address. */
const writings: readonly Write[] = [
  dotted,
  String,
  (address) => `0x${hex(address)}`,
  (address) => `0X${hex(address).toUpperCase()}`,
  (address) => `0${address.toString(8)}`,
  (address) =>
    bytesOf(address)
      .map((byte) => `0x${hex(byte)}`)
      .join("."),
  (address) =>
    bytesOf(address)
      .map((byte) => `0${byte.toString(8)}`)
      .join("."),
  (address) =>
    bytesOf(address)
      .map((byte) => `0x00000000${hex(byte)}`)
      .join("."),
  (address) => `${bytesOf(address)[0]}.${address % 2 ** 24}`,
  (address) => `${bytesOf(address).slice(0, 2).join(".")}.${address % 65_536}`,
  (address) => `0x${hex(bytesOf(address)[0])}.0${(address % 2 ** 24).toString(8)}`,
  (address) => `${dotted(address)}.`,
  (address) => dotted(address).replaceAll(".", "。"),
  (address) => dotted(address).replaceAll(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
  (address) => dotted(address).replaceAll(/./g, (one) => `%${hex(one.charCodeAt(0), 2)}`),
  (address) => `[::ffff:${dotted(address)}]`,
  (address) => `[::${dotted(address)}]`,
];

/** Mapped, compatible, translated (RFC 6145, 6052, 8215), 6to4, Teredo. */
const carriers: readonly Write[] = [
  (address) => `::ffff:${dotted(address)}`,
  (address) => `::ffff:${groups(address)}`,
  (address) => `0:0:0:0:0:ffff:${groups(address)}`,
  (address) => `::${groups(address)}`,
  (address) => `::ffff:0:${dotted(address)}`,
  (address) => `64:ff9b::${dotted(address)}`,
  (address) => `64:ff9b:1::${dotted(address)}`,
  (address) => `2002:${groups(address)}::1`,
  (address) => `2001:0:4136:e378:8000:63bf:${groups(address)}`,
];
