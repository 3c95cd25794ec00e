import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Ledger, LedgerEntry } from "./ledger.ts";

/** The world outside of the servers: what their effects have done to it. */
export class Outside {
  readonly #ledger: Ledger;
  readonly #folder: string;

  /** `folder`: where `file_write` writes. */
  constructor(ledger: Ledger, folder: string) {
    this.#ledger = ledger;
    this.#folder = folder;
  }

  look(): Deeds {
    return new Deeds(this.#ledger.read(), this.#folder);
  }
}

/** How often each effect has happened, as it was looked. */
export class Deeds {
  readonly entries: readonly LedgerEntry[];
  readonly #folder: string;
  readonly #times = new Map<string, number>();

  constructor(entries: readonly LedgerEntry[], folder: string) {
    this.entries = entries;
    this.#folder = folder;
    const keys = new Set<string>();
    for (const { phase, effect, key } of entries) {
      if (phase !== "done" || (key !== null && keys.has(key))) continue;
      if (key !== null) keys.add(key);
      this.#times.set(effect, (this.#times.get(effect) ?? 0) + 1);
    }
  }

  /** A file that holds its text was written; how often, it does not tell. */
  times(effect: string): number {
    const file = fileOf(effect);
    if (file === null) return this.#times.get(effect) ?? 0;
    return textOf(join(this.#folder, file.path)) === file.text ? 1 : 0;
  }

  get effects(): ReadonlyMap<string, number> {
    return this.#times;
  }
}

const fileSchema = z.tuple([z.string(), z.string()]);

/** Arguments stand in the order of their names. */
function fileOf(effect: string): { readonly path: string; readonly text: string } | null {
  const args = /^file_write\((.*)\)$/s.exec(effect)?.[1];
  if (args === undefined) return null;
  const [path, text] = fileSchema.parse(JSON.parse(`[${args}]`));
  return { path, text };
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
