/**
 * Which node works on what. The lease is the node's, so the run has none. A run that has not ended is in line: those that have
 * begun or have an owner before those that only wait. `runs_free` leaves out what waits for a person and is nobody's, which may be
 * most of them. `log_before` is the session's newest seq when the run was first claimed: whoever takes it over reads on from there.
 */
export const ownership: readonly string[] = [
  `create table nodes (
    id text primary key, lease_until timestamptz not null, since timestamptz not null default clock_timestamp(),
    in_time boolean not null default true
  )`,
  `create table forwarded_commands (
    user_id text collate "C" not null, command_id text collate "C" not null, session_id text collate "C" not null,
    command json not null, at timestamptz not null, answer json,
    ordinal bigint generated always as identity,
    primary key (user_id, command_id)
  )`,
  "create index forwarded_unanswered on forwarded_commands (ordinal) where answer is null",
  "alter table runs drop column lease_until, add column log_before bigint",
  "drop index runs_active",
  `create index runs_in_line on runs (session_id, (status = 'queued' and owner is null), queued_at, ordinal)
    where status in ('queued', 'running', 'waiting')`,
  `create index runs_free on runs (queued_at, ordinal)
    where status in ('queued', 'running', 'waiting') and not (status = 'waiting' and owner is null)`,
];
