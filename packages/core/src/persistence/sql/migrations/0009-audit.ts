/**
 * What happened, for good. It refers to no other table, so it outlives what it speaks of, and it is all text: what was hashed is what
 * comes back. The database refuses to change it; whoever owns the database can take that away, and then the hashes tell.
 */
export const audit: readonly string[] = [
  `create table audit (
    chain text collate "C" not null, position bigint not null, at text collate "C" not null, kind text not null,
    user_id text, session_id text, run_id text, todo_id text, body text not null, previous text not null, hash text not null,
    primary key (chain, position)
  )`,
  "create index audit_openings on audit (chain) where position = 1",
  `create function orquestra_audit_stands() returns trigger language plpgsql as $$
begin
  raise exception 'the audit is only added to' using errcode = 'ORQ03';
end
$$`,
  `create trigger audit_stands before update or delete on audit
    for each row execute function orquestra_audit_stands()`,
  `create trigger audit_is_not_emptied before truncate on audit
    for each statement execute function orquestra_audit_stands()`,
];
