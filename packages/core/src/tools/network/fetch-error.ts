import { errors } from "undici";
import { ToolError } from "../tool-error.ts";

/** Codes of certificates that do not hold, beside those that begin with `ERR_TLS_` or `ERR_SSL_`. */
const certificateCodes =
  /^(?:ERR_TLS_|ERR_SSL_|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA|HOSTNAME_MISMATCH|EPROTO)/;

/** What went wrong on the way to `host`, for the person and the model: nothing of addresses, which are in the cause. */
export function explainFailure(error: unknown, host: string): ToolError {
  if (error instanceof ToolError) return error;
  const cause = { cause: error };
  const code = codeOf(error);
  if (certificateCodes.test(code))
    return new ToolError("tls_failed", `${host} could not prove who it is (${code}), so nothing was sent to it.`, cause);
  if (error instanceof errors.HeadersOverflowError)
    return new ToolError("too_large", `${host} sent more in its headers than is read.`, cause);
  if (
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError ||
    error instanceof errors.ConnectTimeoutError
  ) {
    return new ToolError("timeout", `${host} fell silent. Try again later.`, cause);
  }
  if (
    error instanceof errors.HTTPParserError ||
    error instanceof errors.ResponseContentLengthMismatchError ||
    code.startsWith("Z_")
  )
    return new ToolError("bad_response", `What ${host} sent is no proper answer.`, cause);
  return new ToolError("connection_failed", `The connection to ${host} failed. Try again later.`, { ...cause, retryable: true });
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
