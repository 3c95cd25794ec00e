import { duplicateCommand, missingSession, placeTaken, staleEpoch } from "../refusals.ts";
import { StoreError } from "../store-error.ts";

export function storeClosed(): StoreError {
  return new StoreError("unavailable", "The store is closed.");
}

/** A driver's error as the store's. What is none of the port's cases is a mistake of ours and stays what it is. */
export function storeFailure(error: unknown): unknown {
  if (error instanceof StoreError) return error;
  const code = textField(error, "code");
  if (code === "ORQ01") return refusal(error);
  if (code === "ORQ02")
    return new StoreError("corrupt", "A part of what this session holds is missing in the database.", { cause: error });
  if (code === "23505" && textField(error, "constraint") === "commands_once") return duplicateCommand(error);
  if (code === "23505" && textField(error, "constraint") === "audit_pkey") return placeTaken(error);
  if (code === "23503") return missingSession(error);
  if (code.startsWith("28") || code === "3D000") return refused(code, error);
  return isOutage(code, error) ? unavailable(code, error) : error;
}

/** Codes of a connection that never came to be. */
const neverConnected = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "ENOENT"]);

/** False where the database cannot have got it. */
export function mayHaveArrived({ cause }: StoreError): boolean {
  return !neverConnected.has(textField(cause, "code"));
}

/** What the database's own function was told to refuse with. */
function refusal(error: unknown): StoreError {
  if (messageIs(error, "stale_epoch")) return staleEpoch(error);
  if (messageIs(error, "audit_taken")) return placeTaken();
  // Nobody hears it: whoever committed again has given that connection up.
  return messageIs(error, "barred") ? unavailable("barred", error) : missingSession(error);
}

/** True when the statement may have been carried out although it failed. */
export function isUnavailable(error: unknown): error is StoreError {
  return error instanceof StoreError && error.code === "unavailable";
}

function unavailable(code: string, cause: unknown): StoreError {
  const detail = code === "" ? "" : ` (${code})`;
  return new StoreError("unavailable", `The database does not answer${detail}. Check that it runs and can be reached.`, {
    cause,
    retryable: true,
  });
}

function refused(code: string, cause: unknown): StoreError {
  return new StoreError(
    "unavailable",
    `The database refused the connection (${code}). Check user, password and name in DATABASE_URL.`,
    {
      cause,
    },
  );
}

/** SQLSTATE classes: connection, resources, operator intervention, system; deadlock and serialisation; a read-only standby. */
const outageClasses = new Set(["08", "53", "57", "58"]);
const outageCodes = new Set(["40P01", "40001", "55P03", "25006"]);
const socketCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOENT",
]);
/** The driver's own words for a connection that is gone; it gives them no code. */
const lostConnection =
  /connection terminated|connection ended|not queryable|timeout exceeded|query read timeout|client was closed/i;

function isOutage(code: string, error: unknown): boolean {
  if (outageCodes.has(code) || socketCodes.has(code) || outageClasses.has(code.slice(0, 2))) return true;
  return code === "" && error instanceof Error && lostConnection.test(error.message);
}

function messageIs(error: unknown, message: string): boolean {
  return error instanceof Error && error.message === message;
}

function textField(error: unknown, name: "code" | "constraint"): string {
  const value: unknown = typeof error === "object" && error !== null ? Reflect.get(error, name) : undefined;
  return typeof value === "string" ? value : "";
}
