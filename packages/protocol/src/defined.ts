type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Drops keys that are there with `undefined`: an event made in memory may hold them, and they must not erase a value. */
export function defined<T extends object>(fields: T): Defined<T> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the filter takes out exactly what the type takes out
  return Object.fromEntries(entries) as Defined<T>;
}
