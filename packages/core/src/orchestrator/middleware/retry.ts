import { type RetryOptions, withRetries } from "../../llm-provider/index.ts";
import type { TurnMiddleware } from "./turn-middleware.ts";

/**
 * Tries a model call again that failed before its first part with an error that is worth it; a turn that has begun is never
 * replayed. For what stands further inside: a middleware that fails a call for a moment, an adapter that does not retry. The
 * models of `createOrquestra`'s own providers mostly retry already (`withRetries`), and two of them multiply.
 *
 * There is none for tools: the engine itself runs an idempotent tool again after an error marked `retryable`, and tells it.
 */
export function retryTurns(options: RetryOptions): TurnMiddleware {
  return function retry({ model, request, signal }, next) {
    const again = withRetries({ ...model, stream: (asked, until) => next({ request: asked, signal: until }) }, options);
    return again.stream(request, signal);
  };
}
