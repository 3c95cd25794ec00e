/** The native calls of an answer, so that a process that goes on with the run tells the provider of them as such. */
export const nativeCalls: readonly string[] = ["alter table messages add column calls json not null default '[]'"];
