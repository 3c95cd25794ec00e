import { OrquestraError, SecretValue, messageOf } from "@orquestra/core";
import { chmod, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/** How to reach a provider: what a person pasted, or what the settings say. */
export interface ProviderAccess {
  readonly key?: SecretValue | undefined;
  readonly baseUrl?: string | undefined;
  /** Names the provider said it serves, when it was asked. */
  readonly models?: readonly string[] | undefined;
}

export type KeyedProvider = "openai" | "anthropic" | "compatible";

const fileSchema = z.strictObject({
  openai: accessSchema("openai").optional(),
  anthropic: accessSchema("anthropic").optional(),
  compatible: accessSchema("compatible").optional(),
});

function accessSchema(provider: KeyedProvider) {
  return z.strictObject({
    key: z
      .string()
      .transform((key) => pastedKey(provider, key))
      .optional(),
    baseUrl: z.string().optional(),
    models: z.array(z.string()).optional(),
  });
}

export function pastedKey(provider: KeyedProvider, key: string): SecretValue {
  return new SecretValue(`${provider}-key`, key);
}

export type PastedKeys = { readonly [provider in KeyedProvider]?: ProviderAccess | undefined };

/** Keys pasted in the app, in `keys.json` of the data folder. Only its owner can read it; it is replaced as a whole. */
export class KeysFile {
  readonly #path: string;

  constructor(dataFolder: string) {
    this.#path = join(dataFolder, "keys.json");
  }

  /** Throws an OrquestraError `keys_unreadable` when the file is there and cannot be understood. */
  async read(): Promise<PastedKeys> {
    try {
      return fileSchema.parse(JSON.parse(await readFile(this.#path, "utf8")));
    } catch (cause) {
      if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return {};
      const why = cause instanceof z.ZodError ? "it has unknown fields" : messageOf(cause);
      throw new OrquestraError("keys_unreadable", `${this.#path} cannot be read: ${why}. Repair or delete it.`, { cause });
    }
  }

  async write(keys: PastedKeys): Promise<void> {
    const draft = `${this.#path}.new`;
    try {
      await writeFile(draft, `${JSON.stringify(written(keys), null, 2)}\n`, { mode: 0o600 });
      await chmod(draft, 0o600);
      await rename(draft, this.#path);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }
}

/** The one place where keys are written out. */
function written(keys: PastedKeys): object {
  const entries = Object.entries(keys).map(
    ([provider, access]) => [provider, { ...access, key: access?.key?.reveal() }] as const,
  );
  return Object.fromEntries(entries);
}
