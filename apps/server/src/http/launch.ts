import { CommandError } from "@orquestra/core";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { type Logins, cookieSeconds } from "../logins.ts";
import { cookieName } from "./credentials.ts";
import { launchPage, launchScript, launchStyle } from "./launch-page.ts";

const bodySchema = z.strictObject({ token: z.string().max(200) });

/**
 * Signing in: the link of the command line shows a page, the page posts the token, the token becomes a cookie and is gone.
 * In two steps because links are also fetched by previews and virus scanners, which would use the token up.
 */
export function registerLaunch(app: FastifyInstance, logins: Logins): void {
  const limited = { access: "public", rateLimit: { max: 30, timeWindow: 60_000 } } as const;
  app.get(
    "/launch",
    { config: { ...limited, says: "page that signs a browser in with ?token=" } },
    asset("text/html", launchPage),
  );
  app.get("/launch.js", { config: { access: "public", says: "its script" } }, asset("text/javascript", launchScript));
  app.get("/launch.css", { config: { access: "public", says: "its style" } }, asset("text/css", launchStyle));
  app.post("/launch", { config: { ...limited, says: "swaps a one-time token for a cookie" } }, async (request, reply) => {
    const body = bodySchema.safeParse(request.body);
    if (!body.success) throw new CommandError("bad_request", 'Send {"token": …}.');
    const secret = await logins.swapLaunchToken(body.data.token);
    if (secret === null)
      throw new CommandError("unauthorized", "This link was used already or is too old. Run `orquestra open`.");
    setCookie(request, reply, secret);
    return await reply.code(204).header("cache-control", "no-store").send();
  });
}

function asset(type: string, text: string) {
  return (_request: FastifyRequest, reply: FastifyReply) =>
    reply.type(`${type}; charset=utf-8`).header("cache-control", "no-store").send(text);
}

function setCookie(request: FastifyRequest, reply: FastifyReply, secret: string): void {
  const { headers, raw } = request;
  reply.setCookie(cookieName({ headers, port: raw.socket.localPort ?? 0 }), secret, {
    path: "/",
    httpOnly: true,
    sameSite: "strict",
    // Behind a proxy with TLS only the page knows that it came by https.
    secure: request.headers.origin?.startsWith("https://") === true,
    maxAge: cookieSeconds,
  });
}
