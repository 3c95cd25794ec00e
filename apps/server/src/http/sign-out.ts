import { CommandError } from "@orquestra/core";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Logins } from "../logins.ts";
import { cookieName, credentialsOf } from "./credentials.ts";

const noBody = z.strictObject({});
const bodySchema = z.strictObject({ token: z.string().min(1).max(200) });

/** Giving back what one came in with, and taking it from others. Sockets and streams that were opened with it end. */
export function registerSignOut(app: FastifyInstance, logins: Logins): void {
  app.post(
    "/sign-out",
    { config: { access: "session", says: "ends the cookie or token that it is asked with" } },
    async ({ headers, raw, body }, reply) => {
      if (!noBody.safeParse(body ?? {}).success) throw new CommandError("bad_request", "Send nothing, or {}.");
      const sender = { headers, port: raw.socket.localPort ?? 0 };
      const credentials = credentialsOf(sender);
      if (credentials.kind === "cookie") {
        await logins.takeBackCookie(credentials.secret);
        reply.clearCookie(cookieName(sender), { path: "/" });
      } else if (credentials.kind === "bearer" && !(await logins.takeBackToken(credentials.token))) {
        throw new CommandError("conflict", "The owner's token is a setting or a file: change it there, and start anew.");
      }
      return await reply.code(204).header("cache-control", "no-store").send();
    },
  );
  app.post(
    "/api/tokens/take-back",
    {
      config: {
        access: "owner",
        says: "ends a minted token or a user's bearer token, as a product does when its user signs out",
      },
    },
    async ({ body }, reply) => {
      const parsed = bodySchema.safeParse(body);
      if (!parsed.success) throw new CommandError("bad_request", 'Send {"token": …}.');
      // One that is over already is none any more either.
      await logins.takeBackToken(parsed.data.token);
      return await reply.code(204).header("cache-control", "no-store").send();
    },
  );
}
