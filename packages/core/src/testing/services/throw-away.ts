import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

// What servers have in common that a test starts for itself and stops again.

/** A port on loopback that nobody has right now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** The server once it answers. It ends with this process at the latest; throws what it said when it ends before, or never answers. */
export async function untilItAnswers(server: ChildProcess, name: string, answers: () => Promise<boolean>): Promise<ChildProcess> {
  const said = collect(server);
  const killed = (): unknown => server.kill("SIGKILL");
  process.once("exit", killed);
  server.once("exit", () => process.off("exit", killed));
  for (let attempt = 0; attempt < 400; attempt++) {
    if (hasEnded(server)) break;
    if (await answers()) return server;
    await wait(25);
  }
  await end(server, "SIGKILL");
  throw new Error(`${name} did not start: ${said()}`);
}

/** Also one that is held by SIGSTOP. */
export async function end(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (hasEnded(server)) return;
  const ended = once(server, "exit");
  server.kill(signal);
  server.kill("SIGCONT");
  await ended;
}

/** The end of what a child says, as far as its streams are pipes. */
export function collect({ stdout, stderr }: ChildProcess): () => string {
  let text = "";
  for (const stream of [stdout, stderr])
    stream?.setEncoding("utf8").on("data", (chunk: string) => (text = (text + chunk).slice(-4000)));
  return () => text;
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
