/** A reply may quote what its session holds, so it goes with it. */
export const repliesOfSessions: readonly string[] = [
  `alter table commands add column session_id text collate "C"`,
  "create index commands_of_session on commands (session_id) where session_id is not null",
];
