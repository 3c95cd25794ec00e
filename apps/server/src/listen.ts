import { OrquestraError, messageOf } from "@orquestra/core";
import type { FastifyInstance } from "fastify";

interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * Listens; resolves with the address by which this machine reaches the server. Throws an OrquestraError `port_in_use` or
 * `cannot_listen` that says what to do.
 */
export async function listen(app: FastifyInstance, { host, port }: Address): Promise<string> {
  try {
    const { port: taken } = new URL(await app.listen({ host, port }));
    return `http://${reachableName(host)}:${taken === "" ? "80" : taken}`;
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : "";
    if (code === "EADDRINUSE") throw new OrquestraError("port_in_use", await portMessage({ host, port }), { cause });
    if (code === "EACCES")
      throw new OrquestraError("cannot_listen", `Port ${port} needs more rights. Choose one above 1023: --port 4310.`, { cause });
    if (code === "EADDRNOTAVAIL")
      throw new OrquestraError("cannot_listen", `${host} is no address of this machine. Check ORQUESTRA_HOST.`, { cause });
    throw new OrquestraError("cannot_listen", `Cannot listen on ${host}:${port}: ${messageOf(cause)}.`, { cause });
  }
}

async function portMessage({ host, port }: Address): Promise<string> {
  const who = (await isOrquestra(`http://${reachableName(host)}:${port}/healthz`))
    ? "an Orquestra with another data folder"
    : "another program";
  return `Port ${port} is taken by ${who}. Stop it, or choose another port: --port ${port + 1}.`;
}

async function isOrquestra(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1000) });
    return (await response.text()) === '{"status":"ok"}';
  } catch {
    return false;
  }
}

/** Listening everywhere includes loopback. */
function reachableName(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
