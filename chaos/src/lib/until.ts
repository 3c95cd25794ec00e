import { setTimeout as sleep } from "node:timers/promises";

/** Something that must come to be did not. */
export class Stuck extends Error {
  override readonly name = "Stuck";
}

/** Looks again and again until there is an answer. Throws Stuck after so many milliseconds, with what `what` says then. */
export async function until<T>(
  look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  { within, what, every = 10 }: { readonly within: number; readonly what: () => string; readonly every?: number },
): Promise<T> {
  const end = performance.now() + within;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Stuck(`after ${Math.round(within / 1000)} s: ${what()}`);
    await sleep(every);
  }
}
