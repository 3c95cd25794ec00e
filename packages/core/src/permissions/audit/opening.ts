import { z } from "zod";
import type { AuditHead, AuditLog, AuditRow } from "../../persistence/index.ts";

const openingBody = z.object({
  heads: z.array(z.object({ chain: z.string(), position: z.number().int(), hash: z.string() })),
});

/** The heads that a chain named as it was opened; null where the row is no opening. */
export function headsNamedIn({ kind, body }: Pick<AuditRow, "kind" | "body">): readonly AuditHead[] | null {
  if (kind !== "chain-opened") return null;
  try {
    return openingBody.parse(JSON.parse(body)).heads;
  } catch {
    return null;
  }
}

/**
 * The heads that no opening has named yet. Each names those, so that the openings together name every chain that was there before
 * them, and each chain that has come to rest is named once, however often a server is started.
 */
export async function unnamedHeads(log: AuditLog): Promise<readonly AuditHead[]> {
  const openings = await log.openings();
  const named = new Map<string, number>();
  for (const opening of openings) {
    for (const { chain, position } of headsNamedIn(opening) ?? []) {
      named.set(chain, Math.max(position, named.get(chain) ?? 0));
    }
  }
  return (await log.heads()).filter(({ chain, position }) => position > (named.get(chain) ?? 0));
}
