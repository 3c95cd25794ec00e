/** What the process tells whoever called it. */
export const exitCode = { ok: 0, failed: 1, usage: 2, needsApproval: 3 } as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
