import { StoreError } from "../store-error.ts";

/** Where the database was looked for, beside why it was not had: of two the person meant the other. */
export function namingHost(error: unknown, url: string): unknown {
  if (!(error instanceof StoreError) || error.code !== "unavailable") return error;
  const { retryable, cause } = error;
  return new StoreError("unavailable", `PostgreSQL at ${new URL(url).host}: ${error.message}`, { retryable, cause });
}
