import { once } from "node:events";
import { createServer } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { isPublicAddress } from "./addresses.ts";
import { type SafeFetchParts, createSafeFetch } from "./safe-fetch.ts";
import { listen, selfSigned, serve, serveTls } from "./servers.fixture.ts";

const signal = new AbortController().signal;
const atEnd = onTestFinished;

/** A small internet: 127.0.0.1 stands for public addresses, and nothing else is public. */
function internet(names: { readonly [name: string]: readonly (readonly string[])[] }, parts: SafeFetchParts = {}) {
  const asked: string[] = [];
  const safeFetch = createSafeFetch({
    isAllowed: (address) => address === "127.0.0.1",
    resolve: async (name) => {
      asked.push(name);
      const answers = names[name] ?? [];
      return answers[Math.min(asked.filter((one) => one === name).length, answers.length) - 1] ?? [];
    },
    ...parts,
  });
  return { safeFetch, asked };
}

const one = [["127.0.0.1"]];

describe("a request", () => {
  test("goes to the address of the name, says the name, and brings the answer", async () => {
    const seen: unknown[] = [];
    const { port } = await serve(atEnd, (request, response) => {
      seen.push([request.method, request.url, request.headers.host, request.headers["x-own"], request.headers.cookie]);
      response.writeHead(201, { "content-type": "text/plain", "set-cookie": ["a=1", "b=2"] }).end("Hello");
    });
    const { safeFetch, asked } = internet({ "example.org": one });
    const answer = await safeFetch(`http://EXAMPLE.org.:${port}/a%20b?q=1#part`, { signal, headers: { "x-own": "yes" } });
    expect(answer).toMatchObject({ url: `http://example.org:${port}/a%20b?q=1`, status: 201, truncated: false });
    expect(answer.bytes.toString()).toBe("Hello");
    expect(answer.headers).toMatchObject({ "content-type": "text/plain", "set-cookie": "a=1, b=2" });
    expect(seen).toEqual([["GET", "/a%20b?q=1", `example.org:${port}`, "yes", undefined]]);
    expect(asked).toEqual(["example.org"]);
  });

  test("asks for names in ASCII", async () => {
    const { port } = await serve(atEnd, (request, response) => void response.end(request.headers.host));
    const { safeFetch, asked } = internet({ "xn--bcher-kva.example": one });
    const { bytes } = await safeFetch(`http://bücher.example:${port}/`, { signal });
    expect([bytes.toString(), asked]).toEqual([`xn--bcher-kva.example:${port}`, ["xn--bcher-kva.example"]]);
  });

  test("takes no proxy from the environment", async () => {
    const proxy = await serve(atEnd, (_request, response) => void response.end("proxy"));
    const { port } = await serve(atEnd, (_request, response) => void response.end("site"));
    const names = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "NODE_USE_ENV_PROXY"];
    for (const name of names) process.env[name] = name === "NODE_USE_ENV_PROXY" ? "1" : `http://127.0.0.1:${proxy.port}`;
    onTestFinished(() => names.forEach((name) => delete process.env[name]));
    const { safeFetch } = internet({ "example.org": one });
    expect((await safeFetch(`http://example.org:${port}/`, { signal })).bytes.toString()).toBe("site");
    expect(proxy.connections()).toBe(0);
  });

  test("keeps no connection for another one", async () => {
    const server = await serve(atEnd, (_request, response) => void response.end("ok"));
    const { safeFetch, asked } = internet({ "example.org": one });
    await safeFetch(`http://example.org:${server.port}/`, { signal });
    await safeFetch(`http://example.org:${server.port}/`, { signal });
    expect([server.connections(), asked.length]).toEqual([2, 2]);
    await expect.poll(() => server.open.size).toBe(0);
  });

  test("tries the next address of a name that has several", async () => {
    const { port } = await serve(atEnd, (_request, response) => void response.end("ok"));
    const { safeFetch } = internet(
      { "example.org": [["127.0.0.9", "127.0.0.1"]] },
      { isAllowed: (address) => address.startsWith("127.0.0.") },
    );
    expect((await safeFetch(`http://example.org:${port}/`, { signal })).bytes.toString()).toBe("ok");
  });
});

describe("what a name server answers", () => {
  test("is asked for once: a second answer cannot change where the request goes", async () => {
    const inside = await serve(atEnd, (_request, response) => void response.end("secret"), "127.0.0.2");
    const outside = await serve(atEnd, (_request, response) => void response.end("public"), "127.0.0.1", inside.port);
    const { safeFetch, asked } = internet({ "rebind.example": [["127.0.0.1"], ["127.0.0.2"]] });
    const { bytes } = await safeFetch(`http://rebind.example:${outside.port}/`, { signal });
    expect([bytes.toString(), asked, inside.connections()]).toEqual(["public", ["rebind.example"], 0]);
  });

  test.each([
    ["one address inside", ["127.0.0.2"]],
    ["one of several inside", ["127.0.0.1", "127.0.0.2"]],
    ["an address inside as IPv6", ["127.0.0.1", "::1"]],
    ["a mapped one", ["::ffff:127.0.0.1"]],
    ["none", []],
  ])("is refused with %s, and nothing is dialled", async (_what, addresses) => {
    const server = await serve(atEnd, (_request, response) => void response.end("secret"));
    const { safeFetch } = internet({ "mixed.example": [addresses] });
    const failure = safeFetch(`http://mixed.example:${server.port}/`, { signal });
    await expect(failure).rejects.toMatchObject({ code: "address_refused" });
    await expect(failure).rejects.not.toThrow(/127|::/);
    expect(server.connections()).toBe(0);
  });
});

describe("redirects", () => {
  async function leading(location: string, names = {}) {
    const { port } = await serve(atEnd, (request, response) => {
      if (request.url === "/") response.writeHead(302, { location: location.replace("PORT", String(port)) }).end("moved");
      else response.end(JSON.stringify(request.headers));
    });
    const { safeFetch, asked } = internet({ "example.org": one, "other.example": one, ...names });
    const request = { signal, headers: { authorization: "made-up-key" } };
    return { port, asked, answer: safeFetch(`http://example.org:${port}/`, request) };
  }

  test("are followed and each is judged anew", async () => {
    const { asked, answer, port } = await leading("/next?x=1");
    expect(await answer).toMatchObject({ url: `http://example.org:${port}/next?x=1`, status: 200 });
    expect((await answer).bytes.toString()).toContain("made-up-key");
    expect(asked).toEqual(["example.org", "example.org"]);
  });

  test("to another origin lose the headers that were meant for the first", async () => {
    const { answer, port } = await leading("http://other.example:PORT/next");
    expect((await answer).url).toBe(`http://other.example:${port}/next`);
    expect((await answer).bytes.toString()).not.toContain("made-up-key");
  });

  test.each([
    ["http://127.0.0.2:PORT/", "address_refused"],
    ["http://[::1]:PORT/", "address_refused"],
    ["http://169.254.169.254/latest/meta-data/", "address_refused"],
    ["http://localhost:PORT/", "address_refused"],
    ["//inside.example:PORT/", "address_refused"],
    ["http://other.example:22/", "url_refused"],
    ["http://other.example:6667/", "url_refused"],
    ["http://user:password@other.example:PORT/", "url_refused"],
    ["file:///etc/passwd", "url_refused"],
    ["gopher://other.example/", "url_refused"],
    ["data:text/html,hi", "url_refused"],
    ["http://[", "redirect_refused"],
  ])("to %s end with %s", async (location, code) => {
    const { answer } = await leading(location, { "inside.example": [["127.0.0.2"]] });
    await expect(answer).rejects.toMatchObject({ code });
  });

  test("after the first are judged as the first: a name that moves inside is not followed there", async () => {
    const { answer, asked } = await leading("/next", { "example.org": [["127.0.0.1"], ["127.0.0.2"]] });
    await expect(answer).rejects.toMatchObject({ code: "address_refused" });
    expect(asked).toHaveLength(2);
  });

  test.each([
    [5, "fine"],
    [6, "too_many_redirects"],
  ])("%d of them: %s", async (many, outcome) => {
    const { port, connections } = await serve(atEnd, (request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end("fine");
      else response.writeHead(301, { location: `/${left - 1}` }).end();
    });
    const { safeFetch } = internet({ "example.org": one });
    const answer = safeFetch(`http://example.org:${port}/${many}`, { signal });
    const said = await answer.then(
      ({ bytes }) => bytes.toString(),
      (error: { readonly code: string }) => error.code,
    );
    expect([said, connections()]).toEqual([outcome, 6]);
  });

  test("without a place to go are answers", async () => {
    const { port } = await serve(atEnd, (_request, response) => void response.writeHead(302).end("here"));
    const { safeFetch } = internet({ "example.org": one });
    expect(await safeFetch(`http://example.org:${port}/`, { signal })).toMatchObject({ status: 302 });
  });

  test("of what was posted are refused", async () => {
    const bodies: string[] = [];
    const { port } = await serve(atEnd, (request, response) => {
      request.on("data", (chunk: Buffer) => bodies.push(`${request.method} ${chunk.toString()}`));
      request.on("end", () => response.writeHead(307, { location: "/elsewhere" }).end());
    });
    const { safeFetch } = internet({ "example.org": one });
    await expect(safeFetch(`http://example.org:${port}/`, { signal, body: "text" })).rejects.toMatchObject({
      code: "redirect_refused",
    });
    expect(bodies).toEqual(["POST text"]);
  });
});

describe("services the operator set up", () => {
  test("may stand on this machine, by their exact origin", async () => {
    const { port } = await serve(atEnd, (_request, response) => void response.end("results"));
    const { safeFetch } = internet({}, { allow: [`http://localhost:${port}/search`], isAllowed: () => false });
    expect((await safeFetch(`http://localhost:${port}/other`, { signal })).bytes.toString()).toBe("results");
    await expect(safeFetch(`http://127.0.0.1:${port}/`, { signal })).rejects.toMatchObject({ code: "address_refused" });
    await expect(safeFetch(`https://localhost:${port}/`, { signal })).rejects.toMatchObject({ code: "address_refused" });
  });

  test("lead to nothing else that is not public", async () => {
    const inside = await serve(atEnd, (_request, response) => void response.end("secret"), "127.0.0.2");
    const location = `http://127.0.0.2:${inside.port}/`;
    const { port } = await serve(atEnd, (_request, response) => void response.writeHead(302, { location }).end());
    const allow = [`http://127.0.0.1:${port}`];
    const { safeFetch } = internet({}, { allow, isAllowed: () => false });
    await expect(safeFetch(`${allow[0]}/`, { signal })).rejects.toMatchObject({ code: "address_refused" });
    expect(inside.connections()).toBe(0);
  });

  test("are not reached by a redirect of somebody else", async () => {
    const inside = await serve(atEnd, (_request, response) => void response.end("results"), "127.0.0.2");
    const allow = [`http://127.0.0.2:${inside.port}`];
    const { port } = await serve(atEnd, (_request, response) => void response.writeHead(302, { location: `${allow[0]}/` }).end());
    const { safeFetch } = internet({ "example.org": one }, { allow });
    await expect(safeFetch(`http://example.org:${port}/`, { signal })).rejects.toMatchObject({ code: "address_refused" });
    expect(inside.connections()).toBe(0);
  });
});

describe("what a server sends", () => {
  const big = 3 * 1024 * 1024;

  test.each([
    ["as it is", "", (text: string) => text],
    ["packed with gzip", "gzip", gzipSync],
    ["packed with brotli", "br", brotliCompressSync],
  ])("is read %s, and cut at the limit", async (_what, encoding, pack) => {
    const text = "0123456789".repeat(100);
    const { port } = await serve(atEnd, (_request, response) => {
      response.writeHead(200, encoding === "" ? {} : { "content-encoding": encoding }).end(pack(text));
    });
    const { safeFetch } = internet({ "example.org": one });
    const whole = await safeFetch(`http://example.org:${port}/`, { signal, maxBytes: 1000 });
    expect([whole.bytes.toString(), whole.truncated]).toEqual([text, false]);
    const part = await safeFetch(`http://example.org:${port}/`, { signal, maxBytes: 999 });
    expect([part.bytes.toString(), part.truncated]).toEqual([text.slice(0, 999), true]);
  });

  test("may be a bomb: no more is unpacked than may be kept", async () => {
    const layers = gzipSync(Buffer.alloc(200 * 1024 * 1024));
    const { port } = await serve(atEnd, (_request, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(layers);
    });
    const { safeFetch } = internet({ "example.org": one });
    const before = process.memoryUsage().rss;
    const { bytes, truncated } = await safeFetch(`http://example.org:${port}/`, { signal, maxBytes: big });
    expect([bytes.length, truncated]).toEqual([big, true]);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
  });

  test("may never end, packed to nothing or not: the wire has a limit too", async () => {
    const nothing = gzipSync("", { level: 0 });
    const server = await serve(atEnd, (request, response) => {
      const piece = request.url === "/packed" ? Buffer.concat(Array.from({ length: 5000 }, () => nothing)) : Buffer.alloc(65_536);
      response.writeHead(200, request.url === "/packed" ? { "content-encoding": "gzip" } : {});
      const more = (): void => {
        while (!response.destroyed && response.write(piece));
      };
      response.on("drain", more);
      more();
    });
    const { safeFetch } = internet({ "example.org": one });
    const endless = await safeFetch(`http://example.org:${server.port}/`, { signal, maxBytes: big });
    expect([endless.bytes.length, endless.truncated]).toEqual([big, true]);
    const packed = await safeFetch(`http://example.org:${server.port}/packed`, { signal, maxBytes: big });
    expect([packed.bytes.length, packed.truncated]).toEqual([0, true]);
    await expect.poll(() => server.open.size).toBe(0);
  });

  test.each([
    ["that is packed otherwise", { "content-encoding": "zstd" }, "x"],
    ["that is packed twice", { "content-encoding": "gzip, gzip" }, gzipSync(gzipSync("x"))],
    ["that is no gzip", { "content-encoding": "gzip" }, "x".repeat(100)],
  ])("%s is no proper answer", async (_what, headers, body) => {
    const { port } = await serve(atEnd, (_request, response) => void response.writeHead(200, headers).end(body));
    const { safeFetch } = internet({ "example.org": one });
    await expect(safeFetch(`http://example.org:${port}/`, { signal })).rejects.toMatchObject({ code: "bad_response" });
  });

  test.each([
    ["no http", "SSH-2.0-OpenSSH_9.7\r\n", "bad_response"],
    ["headers without end", `HTTP/1.1 200 OK\r\n${"x-much: 0123456789\r\n".repeat(10_000)}`, "too_large"],
    ["less than it said", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort", "connection_failed"],
    ["nothing", "", "connection_failed"],
  ])("may be %s", async (_what, bytes, code) => {
    const raw = createServer((socket) => socket.once("data", () => socket.end(bytes)));
    const { port } = await listen(atEnd, raw, "127.0.0.1", 0);
    const { safeFetch } = internet({ "example.org": one });
    await expect(safeFetch(`http://example.org:${port}/`, { signal })).rejects.toMatchObject({ code });
  });
});

describe("time", () => {
  test.each([
    ["says nothing", ""],
    ["stops in its headers", "HTTP/1.1 200 OK\r\nx-a: "],
    ["stops in its body", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nsome"],
  ])("runs out for a server that %s", async (_what, bytes) => {
    const raw = createServer((socket) => socket.once("data", () => socket.write(bytes)));
    const server = await listen(atEnd, raw, "127.0.0.1", 0);
    const silent = internet({ "example.org": one }, { idleMs: 100 });
    await expect(silent.safeFetch(`http://example.org:${server.port}/`, { signal })).rejects.toMatchObject({ code: "timeout" });
    const short = internet({ "example.org": one });
    await expect(short.safeFetch(`http://example.org:${server.port}/`, { signal, timeoutMs: 100 })).rejects.toMatchObject({
      code: "timeout",
    });
    await expect.poll(() => server.open.size).toBe(0);
  });

  test("runs out for a server that drips", async () => {
    const raw = createServer((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      const drip = setInterval(() => socket.write("x-drop: 1\r\n"), 20);
      socket.once("close", () => clearInterval(drip));
    });
    const server = await listen(atEnd, raw, "127.0.0.1", 0);
    const { safeFetch } = internet({ "example.org": one });
    await expect(safeFetch(`http://example.org:${server.port}/`, { signal, timeoutMs: 300 })).rejects.toMatchObject({
      code: "timeout",
    });
    await expect.poll(() => server.open.size).toBe(0);
  });

  test("runs out for a name server that says nothing", async () => {
    const { safeFetch } = internet(
      {},
      { resolve: (_name, until) => once(until, "abort").then(() => Promise.reject(until.reason)) },
    );
    await expect(safeFetch("http://example.org/", { signal, timeoutMs: 50 })).rejects.toMatchObject({ code: "timeout" });
  });

  test.each(["before", "during"])("is up when somebody stops it %s", async (when) => {
    const raw = createServer((socket) => socket.write("HTTP/1.1 200 OK\r\n\r\nsome"));
    const server = await listen(atEnd, raw, "127.0.0.1", 0);
    const stop = new AbortController();
    if (when === "before") stop.abort();
    const { safeFetch, asked } = internet({ "example.org": one });
    const answer = safeFetch(`http://example.org:${server.port}/`, { signal: stop.signal });
    const refused = expect(answer).rejects.toMatchObject({ code: "aborted" });
    if (when === "during") await once(raw, "connection").then(() => stop.abort());
    await refused;
    expect([server.connections(), asked.length]).toEqual(when === "before" ? [0, 0] : [1, 1]);
    await expect.poll(() => server.open.size).toBe(0);
  });
});

const identity = selfSigned("example.org");

describe.skipIf(identity === null)("certificates (needs openssl)", () => {
  async function secure(parts: SafeFetchParts = {}, location?: string) {
    if (identity === null) throw new Error("There is no certificate.");
    const sent: string[] = [];
    const { port } = await serveTls(atEnd, identity, (request, response) => {
      sent.push(request.headers.host ?? "");
      if (location === undefined) response.end("secret");
      else response.writeHead(302, { location }).end();
    });
    const names = { "example.org": one, "other.example": one };
    return { ...internet(names, parts), port, sent };
  }

  test("must be vouched for, also where the environment waives it", async () => {
    const { safeFetch, port, sent } = await secure();
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    onTestFinished(() => void delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"]);
    await expect(safeFetch(`https://example.org:${port}/`, { signal })).rejects.toMatchObject({ code: "tls_failed" });
    expect(sent).toEqual([]);
  });

  test("are held against the name, though an address is dialled", async () => {
    const { safeFetch, port, sent } = await secure({ ca: identity?.cert ?? "" });
    expect((await safeFetch(`https://example.org:${port}/`, { signal })).bytes.toString()).toBe("secret");
    await expect(safeFetch(`https://other.example:${port}/`, { signal })).rejects.toMatchObject({ code: "tls_failed" });
    await expect(safeFetch(`https://127.0.0.1:${port}/`, { signal })).rejects.toMatchObject({ code: "tls_failed" });
    expect(sent).toEqual([`example.org:${port}`]);
  });

  test("are not given up on the way: a redirect to http is refused", async () => {
    const { safeFetch, port } = await secure({ ca: identity?.cert ?? "" }, "http://example.org:8080/");
    await expect(safeFetch(`https://example.org:${port}/`, { signal })).rejects.toMatchObject({ code: "redirect_refused" });
  });

  test("are what https needs: a server that speaks http has none", async () => {
    const { port } = await serve(atEnd, (_request, response) => void response.end("plain"));
    const { safeFetch } = internet({ "example.org": one });
    await expect(safeFetch(`https://example.org:${port}/`, { signal })).rejects.toMatchObject({ code: "tls_failed" });
  });
});

test("the default is strict", async () => {
  const server = await serve(atEnd, (_request, response) => void response.end("secret"));
  const safeFetch = createSafeFetch();
  for (const host of ["127.0.0.1", "localhost", "[::1]", "0x7f.1"])
    await expect(safeFetch(`http://${host}:${server.port}/`, { signal })).rejects.toMatchObject({ code: "address_refused" });
  expect([server.connections(), isPublicAddress("127.0.0.1")]).toEqual([0, false]);
});
