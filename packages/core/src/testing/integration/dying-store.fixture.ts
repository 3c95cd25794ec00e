import type { Store } from "../../persistence/index.ts";

export interface DyingStore {
  readonly store: Store;
  /** The process is dead: nothing of it reaches the store any more, and nothing of it may happen any more. */
  readonly dead: boolean;
  /** Commits since it was armed. */
  readonly commits: number;
  /** Resolves when it dies. */
  readonly died: Promise<void>;
  /** It dies right after so many further commits; at once after none. */
  arm(lifetime: number): void;
}

/** A store as a process sees it that may die: what it asks after that is never answered. */
export function dyingStore(inner: Store): DyingStore {
  let tell = (): void => undefined;
  let left = Infinity;
  const died = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const never = new Promise<never>(() => undefined);
  const state = { dead: false, commits: 0 };
  const commit: Store["commit"] = async (batch) => {
    if (state.dead) return never;
    state.commits += 1;
    left -= 1;
    state.dead = left <= 0;
    const events = await inner.commit(batch);
    if (!state.dead) return events;
    tell();
    return never;
  };
  return {
    store: { ...inner, commit },
    get dead() {
      return state.dead;
    },
    get commits() {
      return state.commits;
    },
    died,
    arm: (lifetime) => {
      state.commits = 0;
      left = lifetime;
      state.dead = lifetime <= 0;
    },
  };
}

/** A promise that may never be kept, because its process dies: what becomes of it is seen elsewhere. */
export function leave(promise: Promise<unknown>): void {
  promise.catch(() => undefined);
}

/** A turn of the event loop, so that what is written before and after it is committed apart. */
export function tick(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
