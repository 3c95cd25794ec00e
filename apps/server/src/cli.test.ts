import { nodeConnect } from "@orquestra/client/node";
import { createClient } from "@orquestra/client";
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CliHarness, saidAtStart } from "./cli-harness.ts";

let cli: CliHarness;

beforeEach(() => {
  cli = new CliHarness();
});
afterEach(() => cli.remove());

const patience = { timeout: 120_000 };

function token(): string {
  return readFileSync(join(cli.dataFolder, "token"), "utf8").trim();
}

/** Signs a browser in: fetches the page of the link and posts its token, as its script does. */
async function signIn(launchUrl: URL): Promise<string> {
  expect((await fetch(launchUrl)).status).toBe(200);
  const answer = await fetch(new URL("/launch", launchUrl), {
    method: "POST",
    headers: { "content-type": "application/json", origin: launchUrl.origin },
    body: JSON.stringify({ token: launchUrl.searchParams.get("token") }),
  });
  expect(answer.status).toBe(204);
  return String(answer.headers.getSetCookie()[0]?.split(";")[0]);
}

function isSignedIn(origin: string, cookie: string): Promise<boolean> {
  return fetch(new URL("/openapi.json", origin), { headers: { cookie } }).then(({ status }) => status === 200);
}

/** Resolves with the code the server closes an idle socket with. */
async function goodbye(origin: string): Promise<{ readonly code: Promise<number> }> {
  let opened = (): void => undefined;
  const open = new Promise<void>((resolve) => (opened = resolve));
  const code = new Promise<number>((resolve) => {
    nodeConnect(`${origin.replace("http", "ws")}/ws`, { token: token() })({
      open: opened,
      frame: () => undefined,
      closed: resolve,
    });
  });
  await open;
  return { code };
}

async function workspaces(origin: string): Promise<readonly string[]> {
  const client = createClient({ connect: nodeConnect(`${origin.replace("http", "ws")}/ws`, { token: token() }) });
  try {
    return (await client.command("workspace-list", {})).items.map(({ workspace }) => workspace);
  } finally {
    client.close();
  }
}

describe("serving", () => {
  it("prints a link that signs in once, keeps its secrets to itself, and ends with a goodbye", patience, async () => {
    const { cli: server, launchUrl } = await cli.serve();
    const { origin } = launchUrl;
    expect(launchUrl.hostname).toBe("127.0.0.1");
    expect(statSync(cli.dataFolder).mode & 0o777).toBe(0o700);
    expect(statSync(join(cli.dataFolder, "token")).mode & 0o777).toBe(0o600);
    const cookie = await signIn(launchUrl);
    expect(await isSignedIn(origin, cookie)).toBe(true);
    const { code } = await goodbye(origin);
    const outcome = await server.stop();
    expect(outcome).toEqual({ code: 0, stdout: `Orquestra is at ${launchUrl.href}\n`, stderr: saidAtStart });
    expect(await code).toBe(1012);
    expect(existsSync(join(cli.dataFolder, "orquestra.lock"))).toBe(false);

    const again = await cli.serve(["--port", new URL(origin).port]);
    expect(again.launchUrl.origin).toBe(origin);
    expect(await isSignedIn(origin, cookie)).toBe(true);
    await again.cli.stop();
  });

  it("a second time brings its folder to the server that runs, also after a crash of the first", patience, async () => {
    const crashed = await cli.serve();
    await crashed.cli.stop("SIGKILL");
    const { launchUrl } = await cli.serve();
    const other = join(cli.home, "other");
    mkdirSync(other);
    const second = await cli.call(["serve"], { cwd: other });
    expect(second).toMatchObject({ code: 0, stderr: "" });
    const fresh = new URL(second.stdout.replace("Orquestra is at ", "").trim());
    expect(fresh.origin).toBe(launchUrl.origin);
    expect(fresh.href).not.toBe(launchUrl.href);
    await signIn(fresh);
    expect(await workspaces(launchUrl.origin)).toEqual([cli.project, other]);
  });

  it("twice at once ends with one server", patience, async () => {
    const both = [cli.start(["serve", "--port", "0"]), cli.start(["serve", "--port", "0"])];
    const lines = await Promise.all(both.map((one) => one.firstLine()));
    const origins = lines.map((line) => new URL(line.replace("Orquestra is at ", "")).origin);
    expect(origins[0]).toBe(origins[1]);
    const one = await Promise.race(both.map((running) => running.ended));
    expect(one).toMatchObject({ code: 0, stderr: "" });
  });
});
