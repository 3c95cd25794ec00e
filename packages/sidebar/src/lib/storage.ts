/** Small things this browser remembers. A browser that forbids it (private mode, sandboxed frame) just forgets. */
export function remember(key: string, value: string): void {
  try {
    if (value === "") localStorage.removeItem(`orquestra:${key}`);
    else localStorage.setItem(`orquestra:${key}`, value);
  } catch {
    // Forgetting is the fallback.
  }
}

export function recall(key: string): string {
  try {
    return localStorage.getItem(`orquestra:${key}`) ?? "";
  } catch {
    return "";
  }
}
