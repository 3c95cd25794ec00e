/** What is said where the server runs as root; null where it does not. */
export function rootWarning(): string | null {
  return process.getuid?.() === 0
    ? "runs as root, so whatever gets past its guards has all rights; another user would be safer"
    : null;
}
