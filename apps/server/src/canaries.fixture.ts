import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** A made-up secret that is looked for in everything that leaves. */
export interface Canary {
  readonly name: string;
  readonly value: string;
}

/** In every place where a server finds a secret. */
export const canaries = {
  openai: { name: "OPENAI_API_KEY", value: "canary/openai+0123?=a" },
  anthropic: { name: "ANTHROPIC_API_KEY", value: "canary-anthropic-4567" },
  cursor: { name: "CURSOR_API_KEY", value: "canary-cursor-89abc" },
  search: { name: "ORQUESTRA_SEARCH_KEY", value: 'canary-"search"-def' },
  token: { name: "ORQUESTRA_TOKEN", value: "canary~token~0123456789" },
  others: { name: "GITHUB_TOKEN", value: "canary_others_token_1" },
  kept: { name: "keys.json", value: "canary-kept-key-2345" },
  pasted: { name: "a key pasted while it runs", value: "canary-pasted-key-67" },
  database: { name: "DATABASE_URL", value: "made-up-right" },
} as const;

/** Written beside every canary: where it is seen, a canary would have been. */
export const marker = "a-marker-to-be-seen";

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

/** Enough of a canary to know it by: what was cut before it was looked at holds no more of it. */
function halvesOf({ value }: Canary): readonly string[] {
  return [value.slice(0, 14), value.slice(-14)];
}

export const allCanaries: readonly Canary[] = Object.values(canaries);
export const everyForm = allCanaries.flatMap(formsOf);
/** Everything in every form, as a file or a program's output may have it. */
export const spilled = `${everyForm.map((form) => `${marker} ${form}`).join("\n")}\n`;

/** A text cut in two at every place, each piece a token of its own. */
export const cutEverywhere = (text: string): readonly string[] =>
  Array.from({ length: text.length - 1 }, (_, at) => [text.slice(0, at + 1), text.slice(at + 1), " "]).flat();

/** What left the server, by the way it left. */
export class Ledger {
  readonly #texts = new Map<string, string[]>();
  readonly #sought: readonly Canary[];

  constructor(sought: readonly Canary[]) {
    this.#sought = sought;
  }

  take(way: string, text: string): void {
    this.#texts.set(way, [...(this.#texts.get(way) ?? []), text]);
  }

  /** All files of a folder but those named, and those in folders that are; bytes as characters. */
  takeFolder(way: string, folder: string, except: readonly string[]): void {
    const isLeftOut = (path: string): boolean => except.some((other) => path === other || path.startsWith(`${other}/`));
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile() && !isLeftOut(path.slice(folder.length + 1))) this.take(way, readFileSync(path, "latin1"));
    }
  }

  /** Which canary left which way, in words. */
  leaks(): readonly string[] {
    return [...this.#texts].flatMap(([way, written]) => {
      // Programs wrap what they print: without the ends of lines, also where JSON writes them.
      const texts = [...written, ...written.map((text) => text.replaceAll(/\\[nr]|[\n\r]/g, ""))];
      return this.#sought.flatMap((canary) => {
        const forms = [...formsOf(canary), ...halvesOf(canary)].filter((form) => texts.some((text) => text.includes(form)));
        return forms.map((form) => `${way}: ${canary.name} as ${form}`);
      });
    });
  }

  /** Whether a text left that way: what nobody looked at holds no canary, either. */
  shows(way: string, text: string): boolean {
    return this.#texts.get(way)?.some((one) => one.includes(text)) === true;
  }
}
