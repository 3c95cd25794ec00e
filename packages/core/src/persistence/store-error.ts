import { OrquestraError } from "../lib/error.ts";

export type StoreErrorCode =
  | "stale_epoch"
  | "duplicate_command"
  | "not_found"
  | "unavailable"
  | "locked"
  | "in_use"
  | "unwritable"
  | "corrupt";

export class StoreError extends OrquestraError {
  override readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options: { readonly cause?: unknown; readonly retryable?: boolean } = {}) {
    super(code, message, options);
    this.code = code;
  }
}
