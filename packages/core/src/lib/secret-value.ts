import { inspect } from "node:util";

/**
 * A secret as a thing that can be passed around: whatever prints, copies or serialises it gets its name. Its value comes out
 * through `reveal` only, where a provider or a database needs it.
 */
export class SecretValue {
  /** What it is called where its value must not be said, like `OPENAI_API_KEY`. */
  readonly name: string;
  /** Private to the language: no copy, clone, spread or inspection has it. */
  readonly #value: string;

  constructor(name: string, value: string) {
    if (!/^[\w.:-]{1,64}$/.test(name))
      throw new RangeError("A secret's name has up to 64 letters, digits, dots, colons or hyphens.");
    this.name = name;
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return `[secret ${this.name}]`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
