/** What to tell the person: errors of the wire are written for them already. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
