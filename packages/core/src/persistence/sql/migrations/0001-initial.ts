/**
 * The first tables. Choices that hold for all of them:
 * - `json`, not `jsonb`: it keeps the order of keys and takes every JSON string (`jsonb` refuses \u0000), and no query looks inside.
 * - ids sort bytewise (collate "C"), so that order and cursors do not depend on the locale of the database.
 * - `ordinal` is the order of first writing; replacing a row keeps it.
 * - what hangs on a session goes with it.
 */
const tables = `
create table users (
  id text collate "C" primary key, tenant text not null, name text not null, role text not null,
  metadata json not null, created_at timestamptz not null,
  ordinal bigint generated always as identity
);

create table logins (
  id text collate "C" primary key, user_id text collate "C" not null, kind text not null,
  created_at timestamptz not null, expires_at timestamptz,
  ordinal bigint generated always as identity
);

create table sessions (
  id text collate "C" primary key, user_id text collate "C" not null, tenant text not null, title text not null,
  workspace text, model text not null, mode text not null, plan_format text, archived boolean not null,
  created_at timestamptz not null, updated_at timestamptz not null,
  next_seq bigint not null default 0,
  ordinal bigint generated always as identity
) with (fillfactor = 80);
create index sessions_newest on sessions (user_id, archived, updated_at desc, id desc);

create table events (
  session_id text collate "C" not null references sessions on delete cascade, seq bigint not null,
  at timestamptz not null, batch uuid not null, body json not null,
  primary key (session_id, seq)
);

create table messages (
  id text collate "C" primary key, session_id text collate "C" not null references sessions on delete cascade,
  run_id text collate "C" not null, role text not null, turn integer not null, text text not null, raw text not null,
  label json not null, attachments json not null, at timestamptz not null,
  folded text not null,
  ordinal bigint generated always as identity
);
create index messages_of_session on messages (session_id, ordinal);

create table runs (
  id text collate "C" primary key, session_id text collate "C" not null references sessions on delete cascade,
  user_id text collate "C" not null, message_id text collate "C" not null, status text not null, model text not null,
  turn integer not null, usage json not null, cost double precision, stop_reason text, error json,
  owner text, epoch integer not null, lease_until timestamptz,
  queued_at timestamptz not null, started_at timestamptz, ended_at timestamptz,
  ordinal bigint generated always as identity
) with (fillfactor = 80);
create index runs_of_session on runs (session_id, ordinal);
create index runs_active on runs (queued_at, ordinal) where status in ('queued', 'running', 'waiting');

create table todos (
  run_id text collate "C" not null, id text collate "C" not null,
  session_id text collate "C" not null references sessions on delete cascade,
  position double precision not null, turn integer not null, tool text not null, title text not null,
  args json not null, depends_on json not null, effects json not null, control json not null, status text not null,
  parent text collate "C", attempt integer not null, result json, label json, error json, note text,
  started_at timestamptz, ended_at timestamptz,
  ordinal bigint generated always as identity,
  primary key (run_id, id)
) with (fillfactor = 80);
create index todos_of_session on todos (session_id);

create table approvals (
  id text collate "C" primary key, run_id text collate "C" not null,
  session_id text collate "C" not null references sessions on delete cascade,
  user_id text collate "C" not null, kind text not null, question text, todos json not null,
  hashes json not null, rules json not null, answer json, requested_at timestamptz not null, answered_at timestamptz,
  ordinal bigint generated always as identity
);
create index approvals_of_run on approvals (run_id, ordinal);
create index approvals_of_session on approvals (session_id);

create table checkpoints (
  id text collate "C" primary key, session_id text collate "C" not null references sessions on delete cascade,
  run_id text collate "C" not null, todo_id text collate "C" not null, path text not null,
  before bytea, before_mode integer not null, after bytea, after_hash text,
  undone boolean not null, undone_bytes bytea, undone_hunks json, created_at timestamptz not null,
  ordinal bigint generated always as identity
);
create index checkpoints_of_run on checkpoints (run_id, ordinal);
create index checkpoints_of_session on checkpoints (session_id);

create table commands (
  user_id text collate "C" not null, id text collate "C" not null, body_hash text not null, reply json not null,
  at timestamptz not null,
  constraint commands_once primary key (user_id, id)
);
create index commands_age on commands (at);

create table preferences (
  user_id text collate "C" not null, key text collate "C" not null, text text not null, label json not null,
  updated_at timestamptz not null,
  ordinal bigint generated always as identity,
  primary key (user_id, key)
);

create table rules (
  id text collate "C" primary key, user_id text collate "C" not null, workspace text, tool text not null,
  match json not null, decision text not null, text text not null, created_at timestamptz not null,
  ordinal bigint generated always as identity
);
create index rules_of_user on rules (user_id, ordinal);

create table tool_usage (
  user_id text collate "C" not null, day date not null, tool text collate "C" not null,
  calls bigint not null, errors bigint not null, ms double precision not null,
  ordinal bigint generated always as identity,
  primary key (user_id, day, tool)
);

create table memories (
  id text collate "C" primary key, user_id text collate "C" not null,
  session_id text collate "C" references sessions on delete set null,
  kind text not null, text text not null, quote text not null, scope text not null, label json not null,
  status text not null, created_at timestamptz not null,
  ordinal bigint generated always as identity
);
create index memories_of_user on memories (user_id, ordinal);
create index memories_of_session on memories (session_id);
`;

/** Ends a statement, and its transaction, with a reason the store understands: so a batch can be sent without waiting in between. */
const refuse = `
create function orquestra_refuse(reason text) returns bigint language plpgsql as $$
begin
  raise exception '%', reason using errcode = 'ORQ01';
end
$$;
`;

export const initial: readonly string[] = [tables, refuse];
