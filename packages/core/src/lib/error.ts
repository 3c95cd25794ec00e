import type { ErrorCode } from "@orquestra/protocol";

/** Every error this project throws on purpose: a code for programs, a message that tells a person what to do, a cause. */
export class OrquestraError extends Error {
  readonly code: string;
  readonly retryable: boolean;

  constructor(code: string, message: string, options: { readonly cause?: unknown; readonly retryable?: boolean } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

export interface CommandErrorOptions {
  readonly cause?: unknown;
  readonly retryable?: boolean;
  /** Milliseconds until the same may work, where that is known. */
  readonly retryAfterMs?: number;
}

/** A command that is refused: its code is one of the wire's. */
export class CommandError extends OrquestraError {
  override readonly code: ErrorCode;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: CommandErrorOptions = {}) {
    super(code, message, options);
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
