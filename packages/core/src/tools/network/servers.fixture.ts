import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type RequestListener, createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

type AtEnd = (end: () => Promise<void>) => void;

export interface TestServer {
  readonly port: number;
  /** Connections that are open now. */
  readonly open: ReadonlySet<Socket>;
  /** All there ever were. */
  readonly connections: () => number;
}

/** A real server on this machine; `atEnd` is told how to end it (vitest's `onTestFinished`). */
export async function serve(atEnd: AtEnd, answer: RequestListener, host = "127.0.0.1", port = 0): Promise<TestServer> {
  return await listen(atEnd, createServer(answer), host, port);
}

export async function serveTls(atEnd: AtEnd, identity: Identity, answer: RequestListener): Promise<TestServer> {
  return await listen(atEnd, createTlsServer(identity, answer), "127.0.0.1", 0);
}

export async function listen(atEnd: AtEnd, server: Server, host: string, wanted: number): Promise<TestServer> {
  const open = new Set<Socket>();
  let connections = 0;
  server.on("connection", (socket: Socket) => {
    connections += 1;
    open.add(socket);
    socket.on("error", () => undefined).once("close", () => open.delete(socket));
  });
  server.on("tlsClientError", () => undefined);
  server.listen(wanted, host);
  await once(server, "listening");
  atEnd(async () => {
    server.close();
    for (const socket of open) socket.destroy();
    await once(server, "close");
  });
  const place = server.address();
  if (place === null || typeof place === "string") throw new Error("The server has no port.");
  return { port: place.port, open, connections: () => connections };
}

export interface Identity {
  readonly key: string;
  readonly cert: string;
}

/** A certificate that vouches for itself; null where this machine has no openssl. */
export function selfSigned(name: string): Identity | null {
  const folder = mkdtempSync(join(tmpdir(), "certificate-"));
  try {
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const subject = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`];
    const kind = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
    execFileSync("openssl", [...kind, ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  } catch {
    return null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
