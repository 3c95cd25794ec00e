import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HttpHarness } from "./http-harness.ts";

let server: HttpHarness;

beforeEach(async () => {
  server = await new HttpHarness().start();
});
afterEach(() => server.stop());

describe("signing in with a launch token", () => {
  it("shows a page that changes nothing, however often it is fetched", async () => {
    const token = await server.logins.newLaunchToken();
    for (let n = 0; n < 3; n += 1) {
      const page = await server.ask(`/launch?token=${token}`);
      expect(page.status).toBe(200);
      expect(page.headers["set-cookie"]).toBeUndefined();
      expect(page.body).not.toContain(token);
    }
    expect((await server.post("/launch", { token }, { origin: server.origin })).status).toBe(204);
  });

  it("needs only scripts and styles that anybody may load", async () => {
    const { body } = await server.ask("/launch");
    const assets = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => String(path));
    expect(assets).toHaveLength(2);
    expect(body).not.toMatch(/<script>|<style|style=|\son\w+=/);
    for (const path of assets) expect((await server.ask(path)).status).toBe(200);
  });

  it("swaps the token once for a cookie that scripts cannot read and other sites cannot send", async () => {
    const token = await server.logins.newLaunchToken();
    const answer = await server.post("/launch", { token }, { origin: server.origin });
    const [cookie, ...more] = answer.headers["set-cookie"] ?? [];
    expect(more).toEqual([]);
    const attributes = String(cookie).split("; ");
    expect(attributes[0]).toMatch(new RegExp(`^orquestra-${server.port}=[\\w-]{43}$`));
    expect(attributes).toEqual(expect.arrayContaining(["HttpOnly", "SameSite=Strict", "Path=/"]));
    expect(attributes).not.toContain("Secure");
    expect((await server.ask("/", { headers: { cookie: String(attributes[0]) } })).status).toBe(200);

    const again = await server.post("/launch", { token }, { origin: server.origin });
    expect(again.status).toBe(401);
    expect(again.headers["set-cookie"]).toBeUndefined();
  });

  it("gives the token to one of two that come at once", async () => {
    const token = await server.logins.newLaunchToken();
    const answers = await Promise.all([1, 2, 3].map(() => server.post("/launch", { token }, { origin: server.origin })));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([204, 401, 401]);
  });

  it("does not take a token that is too old, nor a cookie that is", async () => {
    const [early, late] = [await server.logins.newLaunchToken(), await server.logins.newLaunchToken()];
    server.now += 60 * 60_000 - 1;
    const { headers } = await server.post("/launch", { token: early }, { origin: server.origin });
    const cookie = String(headers["set-cookie"]?.[0]?.split(";")[0]);
    server.now += 1;
    expect((await server.post("/launch", { token: late }, { origin: server.origin })).status).toBe(401);
    expect((await server.ask("/", { headers: { cookie } })).status).toBe(200);
    server.now += 30 * 24 * 60 * 60_000;
    expect((await server.ask("/", { headers: { cookie } })).status).toBe(401);
  });

  it.each([-60, 60])(
    "does not take a token when the clock has jumped by %i minutes; one that is made then works",
    async (jump) => {
      const before = await server.logins.newLaunchToken();
      server.now += jump * 60_000;
      expect((await server.post("/launch", { token: before }, { origin: server.origin })).status).toBe(401);
      const token = await server.logins.newLaunchToken();
      expect((await server.post("/launch", { token }, { origin: server.origin })).status).toBe(204);
    },
  );

  it.each([{}, { token: 5 }, { token: "x".repeat(300) }, { token: "x", admin: true }, [], null])(
    "refuses the body %j",
    async (body) => {
      const answer = await server.post("/launch", body, { origin: server.origin });
      expect(answer.status).toBe(400);
    },
  );

  it("refuses a foreign page that wants to sign a browser in", async () => {
    const token = await server.logins.newLaunchToken();
    expect((await server.post("/launch", { token }, { origin: "http://evil.example" })).status).toBe(403);
    expect((await server.post("/launch", { token }, { origin: server.origin })).status).toBe(204);
  });

  it("marks the cookie Secure when the page came by https", async () => {
    await server.stop();
    server = await new HttpHarness().start({ allowedOrigins: ["https://box.example"] });
    const token = await server.logins.newLaunchToken();
    const answer = await server.post("/launch", { token }, { origin: "https://box.example" });
    expect(answer.headers["set-cookie"]?.[0]).toContain("; Secure");
  });

  it("slows down whoever tries tokens", async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 31; n += 1) statuses.push((await server.post("/launch", { token: `guess-${n}` })).status);
    expect(new Set(statuses.slice(0, 30))).toEqual(new Set([401]));
    expect(statuses[30]).toBe(429);
  });

  it("tells a person without a cookie how to get in, and a program in JSON", async () => {
    const person = await server.ask("/", { headers: { accept: "text/html,*/*" } });
    expect(person.status).toBe(401);
    expect(person.body).toContain("orquestra open");
    const program = await server.ask("/");
    expect(JSON.parse(program.body)).toMatchObject({ error: { code: "unauthorized" } });
    expect(program.headers["www-authenticate"]).toBe("Bearer");
  });
});
