import { once } from "node:events";
import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";
import { expect, onTestFinished, test } from "vitest";
import { createResolve } from "./resolve.ts";
import { createSafeFetch } from "./safe-fetch.ts";
import { serve } from "./servers.fixture.ts";

type Answer = readonly string[] | "none" | "failed" | "silence";

/** A real name server on this machine. `answers` is asked with the name and how often it was asked for (A and AAAA count apart). */
async function nameServer(answers: (name: string, time: number) => Answer) {
  const socket = createSocket("udp4");
  const times = new Map<string, number>();
  socket.on("message", (query, from) => {
    const { name, type, end } = questionOf(query);
    const time = (times.get(`${name} ${type}`) ?? 0) + 1;
    times.set(`${name} ${type}`, time);
    const answer = answers(name, time);
    if (answer !== "silence") socket.send(reply(query, { type, end }, answer), from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  onTestFinished(() => void socket.close());
  return { resolve: createResolve([`127.0.0.1:${socket.address().port}`]), times };
}

function questionOf(query: Buffer): { readonly name: string; readonly type: number; readonly end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString("ascii", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function reply(query: Buffer, { type, end }: { readonly type: number; readonly end: number }, answer: Answer): Buffer {
  const wanted = typeof answer === "object" ? answer.filter((address) => isIPv6(address) === (type === 28)) : [];
  const header = Buffer.from(query.subarray(0, 12));
  header.writeUInt16BE(answer === "none" ? 0x81_83 : answer === "failed" ? 0x81_82 : 0x81_80, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(wanted.length, 6);
  header.writeUInt32BE(0, 8);
  const records = wanted.map((address) => {
    const bytes = Buffer.from(ipaddr.parse(address).toByteArray());
    const record = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, bytes.length]);
    return Buffer.concat([record, bytes]);
  });
  return Buffer.concat([header, query.subarray(12, end), ...records]);
}

const { signal } = new AbortController();

test("a name has all its addresses of both kinds", async () => {
  const { resolve } = await nameServer(() => ["192.0.2.1", "192.0.2.2", "2001:db8::1"]);
  expect(await resolve("example.org", signal)).toEqual(["192.0.2.1", "192.0.2.2", "2001:db8::1"]);
});

test("a name with one kind of address has these", async () => {
  const { resolve } = await nameServer(() => ["2001:db8::1"]);
  expect(await resolve("example.org", signal)).toEqual(["2001:db8::1"]);
});

test("a name that does not exist is told from a name server that fails", async () => {
  const { resolve } = await nameServer((name) => (name === "gone.example" ? "none" : name === "empty.example" ? [] : "failed"));
  await expect(resolve("gone.example", signal)).rejects.toMatchObject({ code: "host_not_found", retryable: false });
  await expect(resolve("empty.example", signal)).rejects.toMatchObject({ code: "host_not_found" });
  await expect(resolve("broken.example", signal)).rejects.toMatchObject({ code: "name_service_failed", retryable: true });
});

test("a name server that says nothing is left when the signal aborts", async () => {
  const { resolve } = await nameServer(() => "silence");
  const stop = new AbortController();
  const answer = resolve("example.org", stop.signal);
  stop.abort(new Error("enough"));
  await expect(answer).rejects.toThrow("enough");
});

test("a name that is public when it is checked and inside a moment later is dialled where it was checked", async () => {
  const { resolve, times } = await nameServer((_name, time) => (time === 1 ? ["127.0.0.1"] : ["127.0.0.2"]));
  const inside = await serve(onTestFinished, (_request, response) => void response.end("secret"), "127.0.0.2");
  await serve(onTestFinished, (_request, response) => void response.end("public"), "127.0.0.1", inside.port);
  const safeFetch = createSafeFetch({ resolve, isAllowed: (address) => address === "127.0.0.1" });
  expect((await safeFetch(`http://rebind.example:${inside.port}/`, { signal })).bytes.toString()).toBe("public");
  expect([...times.values()]).toEqual([1, 1]);
  await expect(safeFetch(`http://rebind.example:${inside.port}/`, { signal })).rejects.toMatchObject({ code: "address_refused" });
  expect(inside.connections()).toBe(0);
});
