/** A plan as a slow model sends it: what comes before it with its first line, then a line at a time. Each piece is one token. */
export function planTokens(before: string, ...lines: readonly string[]): readonly string[] {
  return lines.map((line, index) => {
    const opening = index === 0 ? `${before}\n\`\`\`plan\n` : "";
    const closing = index === lines.length - 1 ? "```\n" : "";
    return `${opening}${line}\n${closing}`;
  });
}
