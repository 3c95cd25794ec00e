import { CommandError, type SessionTransfer } from "@orquestra/core";
import type { FastifyInstance } from "fastify";
import { Readable } from "node:stream";
import { z } from "zod";
import { callerOf } from "./security.ts";

/** Lines of JSON. */
const mediaType = "application/x-ndjson";
/** Whoever reads a large file for somebody has no room for many at once. */
const mostImports = 2;

const params = z.object({ id: z.string().max(200) });
const query = z.strictObject({
  asNew: z.enum(["true", "false"]).optional(),
  workspace: z.string().min(1).max(4096).optional(),
});

/** Sessions as files, for whoever is signed in: their own go out, what comes in is theirs. */
export function registerSessionFiles(app: FastifyInstance, transfer: SessionTransfer): void {
  // Handed on as it comes: its size is counted where it is read.
  app.addContentTypeParser(mediaType, (_request, body, done) => done(null, body));

  const access = "signed-in";
  const exporting = { config: { access, says: "a session as lines of JSON, for the import" } } as const;
  app.get("/api/sessions/:id/export", exporting, async (request, reply) => {
    const { id } = params.parse(request.params);
    const lines = await transfer.export(id, callerOf(request).user);
    return await reply
      .type(mediaType)
      .header("cache-control", "no-store")
      .header("content-disposition", `attachment; filename="session-${encodeURIComponent(id)}.jsonl"`)
      .send(Readable.from(lines, { objectMode: false }));
  });

  let underWay = 0;
  const importing = {
    config: { access, says: `makes a session from an export (${mediaType}); ?asNew=true gives it new ids` },
  } as const;
  app.post("/api/sessions/import", importing, async (request, reply) => {
    const { asNew, workspace } = readQuery(request.query);
    if (!(request.body instanceof Readable)) throw new CommandError("bad_request", `Send an exported session as ${mediaType}.`);
    if (underWay >= mostImports) throw new CommandError("busy", "Other sessions are being imported. Try again in a moment.");
    underWay++;
    try {
      const options = { asNew: asNew === "true", ...(workspace === undefined ? {} : { workspace }) };
      // Whoever is refused in the middle still gets the answer.
      const source: AsyncIterable<Uint8Array> = request.body.iterator({ destroyOnReturn: false });
      return await reply.send({ sessionId: await transfer.import(source, callerOf(request).user, options) });
    } finally {
      underWay--;
    }
  });
}

function readQuery(value: unknown): z.infer<typeof query> {
  const parsed = query.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new CommandError("bad_request", z.prettifyError(parsed.error));
}
