/** Commands change more than files: a checkpoint says what it was and what it became, in bits of type and permissions. */
export const changesOfCommands: readonly string[] = ["alter table checkpoints add column after_mode integer not null default 0"];
