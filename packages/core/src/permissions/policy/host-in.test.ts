import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hostIn, hostPattern } from "./host-in.ts";
import type { Truth } from "./truth.ts";

describe("whether an address leads to a host", () => {
  test.each<readonly [address: string, host: string, expected: Truth]>([
    ["https://example.org/a?b#c", "example.org", "yes"],
    ["http://example.org", "example.org", "yes"],
    ["HTTPS://EXAMPLE.org", "Example.ORG", "yes"],
    ["https://example.org:443/", "example.org", "yes"],
    ["http://example.org:80/", "example.org", "yes"],
    ["https://example.org:8443/", "example.org", "no"],
    ["https://example.org:8443/", "example.org:8443", "yes"],
    ["https://example.org/", "example.org:443", "yes"],
    ["http://example.org/", "example.org:443", "no"],
    ["https://example.org./", "example.org", "yes"],
    ["https://example.org/", "example.org.", "yes"],
    ["https://b\u00fccher.example/", "xn--bcher-kva.example", "yes"],
    ["https://xn--bcher-kva.example/", "b\u00fccher.example", "yes"],
    ["https://a.example.org/", "*.example.org", "yes"],
    ["https://a.b.example.org/", "*.example.org", "yes"],
    ["https://example.org/", "*.example.org", "no"],
    ["https://evilexample.org/", "*.example.org", "no"],
    ["https://evilexample.org/", "example.org", "no"],
    ["https://example.org.evil.example/", "example.org", "no"],
    ["https://evil.example/example.org", "example.org", "no"],
    ["https://evil.example/?https://example.org/", "example.org", "no"],
    ["http://2130706433/", "127.0.0.1", "yes"],
    ["http://0x7f.1/", "127.0.0.1", "yes"],
    ["http://[::1]/", "[::1]", "yes"],
    ["http://[::1]:81/", "[::1]:81", "yes"],
    ["wss://example.org/s", "example.org", "yes"],
    // Who reads these otherwise than we do goes elsewhere.
    ["https://user@example.org/", "example.org", "unknown"],
    ["https://example.org@evil.example/", "example.org", "unknown"],
    ["https://example.org:pw@evil.example/", "example.org", "unknown"],
    ["https://evil.example\\@example.org/", "example.org", "unknown"],
    ["https:\\\\example.org/", "example.org", "unknown"],
    [" https://example.org/", "example.org", "unknown"],
    ["https://exam\tple.org/", "example.org", "unknown"],
    ["https://example.org/\u0000.evil.example", "example.org", "unknown"],
    ["//example.org/", "example.org", "unknown"],
    ["example.org", "example.org", "unknown"],
    ["ftp://example.org/", "example.org", "unknown"],
    ["file://example.org/a", "example.org", "unknown"],
    ["javascript:alert(1)//example.org", "example.org", "unknown"],
    ["https://", "example.org", "unknown"],
  ])("%j at %s: %s", (address, host, expected) => {
    expect(hostIn(address, [hostPattern(host)])).toBe(expected);
  });

  test("never says yes where a browser would go elsewhere", () => {
    const part = fc.constantFrom(
      "https://",
      "http:",
      "//",
      "example.org",
      "evil.example",
      "@",
      ":",
      "443",
      "\\",
      ".",
      "/",
      "?",
      "#",
      "%2e",
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 7 }), (parts) => {
        const address = parts.join("");
        if (hostIn(address, [hostPattern("example.org")]) === "yes") {
          expect(new URL(address).hostname.replace(/\.$/, "")).toBe("example.org");
        }
      }),
    );
  });
});
