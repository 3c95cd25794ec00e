/**
 * Text folded for search. It is done here and not in SQL, since `lower()` there depends on the locale
 * the database was created with and may leave everything beyond ASCII as it is.
 */
export function foldText(text: string): string {
  return text.toLowerCase();
}

/** The folded words of a query; none when it is blank. */
export function searchWords(query: string): readonly string[] {
  return foldText(query)
    .split(/\s+/)
    .filter((word) => word !== "");
}
