import { OrquestraError, messageOf } from "../../lib/error.ts";

/** A middleware broke, or did what none may. Never what a tool or a model did: that passes in its own words. */
export class MiddlewareError extends OrquestraError {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super("middleware_broken", message, options);
  }
}

/** Errors meant for people stay as they are; anything else is a bug of the layer that it came out of. */
export function blame(layer: string, error: unknown): OrquestraError {
  if (error instanceof OrquestraError) return error;
  const name = layer === "" ? "A middleware without a name" : `The middleware ${layer}`;
  return new MiddlewareError(`${name} broke: ${messageOf(error)}`, { cause: error });
}
