import type { PreferenceRecord, Store } from "../persistence/index.ts";

/** The user's preferences, by key: they are in every prompt. */
export async function loadPreferences(store: Store, userId: string): Promise<readonly PreferenceRecord[]> {
  const preferences = await store.preferences.list(userId);
  return preferences.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}
