/** A plan as a model writes it: each line, and what stands around them, is a token, so that a slow model sends line by line. */
export function planTokens(before: string, ...lines: readonly string[]): readonly string[] {
  return [before, "\n```plan\n", ...lines.map((line) => `${line}\n`), "```\n"];
}
