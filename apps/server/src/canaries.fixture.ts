import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** A made-up secret that is looked for in everything that leaves. */
export interface Canary {
  readonly name: string;
  readonly value: string;
}

/** Every way in which a canary is written, made without the code that is tried. Base64: what is the same whatever stands around it. */
export function formsOf({ value }: Canary): readonly string[] {
  const hex = [...Buffer.from(value)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const base64 = ["", "x", "xx"].map((before) => {
    const bits = (text: string): string => [...Buffer.from(text)].map((byte) => byte.toString(2).padStart(8, "0")).join("");
    const from = Math.ceil(bits(before).length / 6) * 6;
    const whole = bits(before + value);
    const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let text = "";
    for (let at = from; at + 6 <= whole.length; at += 6) text += digits[Number.parseInt(whole.slice(at, at + 6), 2)] ?? "";
    return text;
  });
  const url = encodeURIComponent(value);
  const json = JSON.stringify(value).slice(1, -1);
  const safe = base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"));
  return [...new Set([value, json, url, url.toLowerCase(), hex, hex.toUpperCase(), ...base64, ...safe])];
}

/** What left the server, by the way it left. */
export class Ledger {
  readonly #texts = new Map<string, string[]>();
  readonly #canaries: readonly Canary[];

  constructor(canaries: readonly Canary[]) {
    this.#canaries = canaries;
  }

  take(way: string, text: string): void {
    this.#texts.set(way, [...(this.#texts.get(way) ?? []), text]);
  }

  /** All files of a folder but those named; bytes as characters. */
  takeFolder(way: string, folder: string, except: readonly string[]): void {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile() && !except.includes(path.slice(folder.length + 1))) this.take(way, readFileSync(path, "latin1"));
    }
  }

  ways(): readonly string[] {
    return [...this.#texts.keys()];
  }

  /** Which canary left which way, in words. */
  leaks(): readonly string[] {
    return [...this.#texts].flatMap(([way, texts]) =>
      this.#canaries.flatMap((canary) => {
        const forms = formsOf(canary).filter((form) => texts.some((text) => text.includes(form)));
        return forms.map((form) => `${way}: ${canary.name} as ${form}`);
      }),
    );
  }

  /** Whether a text left that way: what nobody looked at holds no canary, either. */
  shows(way: string, text: string): boolean {
    return this.#texts.get(way)?.some((one) => one.includes(text)) === true;
  }
}
