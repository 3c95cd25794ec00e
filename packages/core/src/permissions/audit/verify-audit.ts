import type { AuditHead, AuditLog, AuditRow } from "../../persistence/index.ts";
import { ChainCheck, type ChainReport, type Claim, notLookedAt } from "./chain-check.ts";
import { headsNamedIn } from "./opening.ts";

/** Where rows come from: a database, a server, a file. */
export interface AuditSource {
  /** The first row of each chain. */
  openings(): Promise<readonly AuditRow[]>;
  /** By chain and position; of those from the ISO time `since` on. */
  rows(since: string | undefined): AsyncIterable<AuditRow>;
}

export interface AuditReport {
  readonly sound: boolean;
  readonly rows: number;
  readonly chains: readonly ChainReport[];
  /** The ends that no other chain names: only whoever has noted these can tell later that rows were cut off behind them. */
  readonly toNote: readonly AuditHead[];
}

export interface VerifyOptions {
  /** ISO time: rows from then on; what lies before is taken for granted. */
  readonly since?: string;
  /** Heads that were noted down somewhere else. */
  readonly noted?: readonly AuditHead[];
}

/**
 * Looks whether the rows are as they were written: each hash fits, each row follows from the one before it, none is missing in between,
 * and every head that another chain names, or somebody has noted, is still there.
 */
export async function verifyAudit(source: AuditSource, { since, noted = [] }: VerifyOptions = {}): Promise<AuditReport> {
  const claims = claimsOf(await source.openings(), noted);
  const checks = new Map<string, ChainCheck>();
  for await (const row of source.rows(since)) {
    let check = checks.get(row.chain);
    if (check === undefined) {
      check = new ChainCheck(claims.get(row.chain) ?? [], since !== undefined);
      checks.set(row.chain, check);
    }
    check.add(row);
  }
  // Of chains that were left out as a whole nothing is said, but where somebody asks for them.
  const isAskedFor = (its: readonly Claim[]): boolean => since === undefined || its.some(({ by }) => by === null);
  const lost = [...claims].filter(([chain, its]) => !checks.has(chain) && isAskedFor(its));
  const chains = [
    ...[...checks].map(([chain, check]) => check.report(chain)),
    ...lost.map(([chain, its]) => gone(chain, its, since)),
  ];
  return {
    sound: chains.every(({ problem }) => problem === null),
    rows: chains.reduce((sum, { rows }) => sum + rows, 0),
    chains,
    toNote: chains.flatMap(({ chain, head }) => (head === null || isNamed(head, claims.get(chain)) ? [] : head)),
  };
}

/** The rows of a database. */
export function storedAudit(log: AuditLog): AuditSource {
  return {
    openings: () => log.openings(),
    async *rows(since) {
      const page = since === undefined ? { limit: pageSize } : { limit: pageSize, since };
      let last: AuditRow | null = null;
      do {
        const rows: readonly AuditRow[] = await log.read(last, page);
        yield* rows;
        last = rows.at(-1) ?? null;
      } while (last !== null);
    },
  };
}

const pageSize = 1000;

function claimsOf(openings: readonly AuditRow[], noted: readonly AuditHead[]): ReadonlyMap<string, readonly Claim[]> {
  const claims = new Map<string, Claim[]>();
  const claim = ({ chain, position, hash }: AuditHead, by: Claim["by"]): void => {
    claims.set(chain, [...(claims.get(chain) ?? []), { position, hash, by }]);
  };
  for (const opening of openings) for (const head of headsNamedIn(opening) ?? []) claim(head, `chain ${opening.chain}`);
  for (const head of noted) claim(head, null);
  return claims;
}

function gone(chain: string, claims: readonly Claim[], since: string | undefined): ChainReport {
  const [first] = since === undefined ? claims : claims.filter(({ by }) => by === null);
  const who = first?.by ?? "a head that was noted";
  const named = first?.position ?? 1;
  const problem =
    since === undefined
      ? { position: 1, text: `The whole chain is missing: ${who} names its row ${named}.` }
      : { position: named, text: notLookedAt };
  return { chain, rows: 0, from: null, head: null, problem };
}

function isNamed({ position }: AuditHead, claims: readonly Claim[] = []): boolean {
  return claims.some((claim) => claim.by !== null && claim.position >= position);
}
