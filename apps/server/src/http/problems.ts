import { CommandError } from "@orquestra/core";
import type { ErrorCode } from "@orquestra/protocol";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Log } from "../log.ts";
import type { Entry } from "./door.ts";
import { signInPage } from "./launch-page.ts";

const statusOf: { readonly [code in ErrorCode]: number } = {
  unauthorized: 401,
  bad_request: 400,
  not_found: 404,
  forbidden: 403,
  busy: 409,
  rate_limited: 429,
  too_large: 413,
  conflict: 409,
  unavailable: 503,
  internal: 500,
};

/** Every error leaves as `{"error":{"code","message"}}`; what is nobody's business is logged and hidden. */
export function answerErrors(app: FastifyInstance, log: Log): void {
  app.setNotFoundHandler((_request, reply) => problem(reply, "not_found", "There is nothing here."));
  app.setErrorHandler<FastifyError | CommandError>((error, request, reply) => {
    if (error instanceof CommandError) {
      if (error.retryAfterMs !== undefined) reply.header("retry-after", Math.ceil(error.retryAfterMs / 1000));
      return problem(reply, error.code, error.message);
    }
    const status = error.statusCode ?? 500;
    if (status < 500) return problem(reply, codeOf(status), error.message);
    log.error({ error, method: request.method, route: request.routeOptions.url }, "A request failed unexpectedly.");
    return problem(reply, "internal", "Something went wrong on the server. Its log says what.");
  });
}

/** A person in a browser gets a page that says how to come in, a program gets JSON. */
export function refuseEntry(
  request: FastifyRequest,
  reply: FastifyReply,
  { code, message }: Entry & { readonly status: "refused" },
): FastifyReply {
  if (code === 403) return problem(reply, "forbidden", message);
  reply.header("www-authenticate", "Bearer");
  const wantsPage = request.method === "GET" && request.headers.accept?.includes("text/html") === true;
  if (!wantsPage) return problem(reply, "unauthorized", message);
  return reply.code(401).header("cache-control", "no-store").type("text/html; charset=utf-8").send(signInPage);
}

export function problem(reply: FastifyReply, code: ErrorCode, message: string): FastifyReply {
  return reply.code(statusOf[code]).header("cache-control", "no-store").send({ error: { code, message } });
}

function codeOf(status: number): ErrorCode {
  if (status === 413) return "too_large";
  if (status === 429) return "rate_limited";
  return status === 404 ? "not_found" : "bad_request";
}
