/**
 * Values that are too big for their row are kept once a session under the hash of their bytes, and the row has the hash: it is
 * written again and again, they are not. They are looked at only where somebody reads them. `at` is when a commit last named one:
 * what no row names any more is cleared away some time after that. The reference is checked at the end of a commit, so that a
 * session and its payloads may come in one. A snapshot stands for the events of its session that were trimmed.
 */
export const payloads: readonly string[] = [
  `create table payloads (
    session_id text collate "C" not null references sessions on delete cascade deferrable initially deferred,
    hash text collate "C" not null, at timestamptz not null default now(), bytes bytea not null,
    primary key (session_id, hash)
  )`,
  "alter table todos add column args_payload text, add column result_payload text",
  `alter table checkpoints
    add column before_payload text, add column after_payload text, add column undone_payload text`,
  `create function orquestra_payload(session text, wanted text) returns bytea language plpgsql stable as $$
declare
  found_bytes bytea;
begin
  select bytes into strict found_bytes from payloads where session_id = session and hash = wanted;
  return found_bytes;
exception when no_data_found then
  raise exception 'payload % of session % is missing', wanted, session using errcode = 'ORQ02';
end
$$`,
  `create table snapshots (
    session_id text collate "C" primary key references sessions on delete cascade, seq bigint not null, state json not null
  )`,
  `create table chores (name text collate "C" primary key, taken_until timestamptz not null)`,
];
