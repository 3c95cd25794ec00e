/** Logins that reach one session only. They are many and short-lived, so those that are over are found by their end. */
export const scopedLogins: readonly string[] = [
  "alter table logins add column scope json",
  "create index logins_over on logins (expires_at) where expires_at is not null",
];
