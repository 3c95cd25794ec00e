import { RefusedError, UnreachableError } from "./exceptions.ts";

/** What the vendors' packages throw for every answer that is not 2xx, and, without a status, for no answer. */
interface VendorError extends Error {
  readonly status: number | undefined;
  readonly headers: Headers | undefined;
  readonly error: unknown;
}

/** Waits for a vendor's package to get its response, and tells its errors in our words. Their own hold raw bodies. */
export async function answerOf(
  request: PromiseLike<Response>,
  VendorErrorClass: abstract new (...details: never[]) => VendorError,
): Promise<Response> {
  try {
    return await request;
  } catch (error) {
    if (!(error instanceof VendorErrorClass)) throw error;
    if (error.status === undefined) throw new UnreachableError("no answer", { cause: error.cause ?? error });
    const refusal = { status: error.status, headers: error.headers ?? new Headers(), body: error.error };
    // oxlint-disable-next-line eslint/preserve-caught-error -- the vendor's error holds the raw body
    throw new RefusedError(refusal);
  }
}
