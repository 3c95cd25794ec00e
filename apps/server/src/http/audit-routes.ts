import { type AuditLog, type AuditTrail, CommandError, storedAudit } from "@orquestra/core";
import type { FastifyInstance } from "fastify";
import { Readable } from "node:stream";
import { z } from "zod";
import { callerOf } from "./security.ts";

const mediaType = "application/x-ndjson";

const time = z.iso.datetime();
const query = z.strictObject({ since: time.optional() });
const head = z.strictObject({ chain: z.string().max(100), position: z.number().int().min(1), hash: z.string().max(100) });
const seal = z.strictObject({
  heads: z.array(head).max(500),
  rows: z.number().int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

export interface AuditServices {
  readonly log: AuditLog;
  readonly trail: AuditTrail;
}

/** The audit as it is stored, for the owner: whoever reads it looks for themselves whether it is as it was written. */
export function registerAudit(app: FastifyInstance, { log, trail }: AuditServices): void {
  const access = "owner";
  const source = storedAudit(log);
  app.get(
    "/api/audit/openings",
    { config: { access, says: "the first row of each chain of the audit" } },
    async (_request, reply) => {
      return await reply
        .type(mediaType)
        .header("cache-control", "no-store")
        .send(Readable.from(lines(await log.openings())));
    },
  );
  app.get(
    "/api/audit/rows",
    { config: { access, says: "the rows of the audit; ?since=TIME: from then on" } },
    async (request, reply) => {
      // What is not written yet may stand in nobody's way of seeing what was.
      await trail.flushed();
      const { since } = parse(query, request.query);
      return await reply
        .type(mediaType)
        .header("cache-control", "no-store")
        .send(Readable.from(lines(source.rows(since))));
    },
  );
  app.post(
    "/api/audit/seals",
    { config: { access, says: "records that the audit was exported, and up to where" } },
    async (request, reply) => {
      await trail.record({ kind: "audit-exported", userId: callerOf(request).user.id, body: parse(seal, request.body) });
      return await reply.send({});
    },
  );
}

async function* lines(rows: AsyncIterable<object> | Iterable<object>): AsyncIterable<string> {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`;
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new CommandError("bad_request", z.prettifyError(parsed.error));
}
