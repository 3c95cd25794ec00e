import type { Json } from "@orquestra/protocol";

/**
 * The values a person typed, as far as they can be told apart: each word without the punctuation around it, and whatever stands
 * between quotes. What a result holds besides counts as the person's own only where it equals one of these exactly, so that an
 * address that merely contains a typed one is no typed one.
 */
export class OwnWords {
  readonly #values = new Set<string>();

  constructor(texts: Iterable<string>) {
    for (const text of texts) {
      for (const word of text.split(/\s+/u)) this.#add(bare(word));
      for (const [, ...quoted] of text.matchAll(quotations)) this.#add(quoted.find((found) => found !== undefined) ?? "");
    }
  }

  /** Whether the value is one of them. What is shorter than three characters may be meant in many ways, so it is none. */
  has(value: Json): boolean {
    return (typeof value === "string" || typeof value === "number") && this.#values.has(String(value));
  }

  #add(value: string): void {
    if (value.length >= shortest) this.#values.add(value);
  }
}

const shortest = 3;

const quotations =
  /"([^"\n]{1,1000})"|`([^`\n]{1,1000})`|“([^”\n]{1,1000})”|(?<![\p{L}\p{N}])'([^'\n]{1,1000})'(?![\p{L}\p{N}])/gu;

/** `("bob@example.org").` is bob@example.org. A dot or slash at the beginning belongs to a name: `./notes`, `.gitignore`. */
function bare(word: string): string {
  return word.replace(/^[("'`“‘«<[{]+/u, "").replace(/[)"'`”’»>\]},;:!?.…]+$/u, "");
}
