/** One line of the audit, as it is hashed and stored. All its columns are text, so that what was hashed is what is read back. */
export interface AuditRow {
  /** One writer's life. */
  readonly chain: string;
  /** In its chain, from 1, without gaps. */
  readonly position: number;
  /** ISO time. */
  readonly at: string;
  readonly kind: string;
  /** Who did it, or on whose behalf; null where nobody did. */
  readonly userId: string | null;
  readonly sessionId: string | null;
  readonly runId: string | null;
  readonly todoId: string | null;
  /** The rest, as canonical JSON. */
  readonly body: string;
  /** The hash of the row before it in its chain; of the first, 64 zeros. */
  readonly previous: string;
  readonly hash: string;
}

/** The newest row of a chain. */
export type AuditHead = Pick<AuditRow, "chain" | "position" | "hash">;

/**
 * What happened, kept for good: rows are added and read, and there is no way to change or delete one. They hang on no session, so they
 * outlive it.
 */
export interface AuditLog {
  /**
   * Adds rows of one chain, all or none; resolves when they are durable. Rows that are there already are left as they are, so the
   * same rows may be written again. Rejects with `corrupt` where another row stands in the place of one.
   */
  append(rows: readonly AuditRow[]): Promise<void>;
  /** The first row of each chain, by chain. */
  openings(): Promise<readonly AuditRow[]>;
  /** By chain. */
  heads(): Promise<readonly AuditHead[]>;
  /** Rows by chain and position: those behind `after`, and of those from the ISO time `since` on. */
  read(
    after: Pick<AuditRow, "chain" | "position"> | null,
    page: { readonly limit: number; readonly since?: string },
  ): Promise<readonly AuditRow[]>;
}
