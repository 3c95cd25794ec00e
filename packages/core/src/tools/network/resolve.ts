import { Resolver } from "node:dns/promises";
import { ToolError } from "../tool-error.ts";

/** The addresses of a name, all of them; at least one. */
export type Resolve = (name: string, signal: AbortSignal) => Promise<readonly string[]>;

const nothingThere = ["ENOTFOUND", "ENODATA"];

/**
 * Asks name servers itself, within 6 s and until the signal aborts. The operating system's own look-up cannot be ended and
 * keeps one of the few threads that files need too: a hostile name server could hold them all. `servers`: absent, the system's.
 */
export function createResolve(servers?: readonly string[]): Resolve {
  return async (name, signal) => {
    signal.throwIfAborted();
    const resolver = new Resolver({ timeout: 2000, tries: 2 });
    if (servers !== undefined) resolver.setServers(servers);
    const stop = (): void => resolver.cancel();
    signal.addEventListener("abort", stop, { once: true });
    try {
      const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
      signal.throwIfAborted();
      return addressesOf(answers, name);
    } finally {
      signal.removeEventListener("abort", stop);
    }
  };
}

function addressesOf(answers: readonly PromiseSettledResult<readonly string[]>[], name: string): readonly string[] {
  const addresses = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
  if (addresses.length > 0) return addresses;
  const failures = answers.flatMap((answer) => (answer.status === "rejected" ? [codeOf(answer.reason)] : []));
  if (failures.every((code) => nothingThere.includes(code)))
    throw new ToolError("host_not_found", `There is no ${name} on the internet. Check how it is written.`);
  throw new ToolError("name_service_failed", `The name server did not say where ${name} is. Try again later.`, {
    retryable: true,
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
