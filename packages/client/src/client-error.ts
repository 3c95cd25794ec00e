import type { ErrorCode, WireError } from "@orquestra/protocol";

/** Why a command failed. The message is for the person who reads it; `retryable` says whether the same may work later. */
export class ClientError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;

  constructor(error: WireError, options?: ErrorOptions) {
    super(error.message, options);
    this.name = "ClientError";
    this.code = error.code;
    this.retryable = error.retryable;
  }
}
