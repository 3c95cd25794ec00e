import type { Store } from "@orquestra/core";

/** Dies at a commit: the so-manieth from when it was armed, right before it or right behind it. */
export interface Trigger {
  readonly commit: number;
  readonly when: "before" | "behind";
}

export interface KillSwitch {
  readonly store: Store;
  /** Commits are counted anew. Null: it does not die. */
  readonly arm: (trigger: Trigger | null) => void;
}

/** A store whose process dies at a chosen step of the journal, as `kill -9` ends it: nothing is closed, nothing is flushed. */
export function killSwitch(inner: Store, armed: Trigger | null): KillSwitch {
  let trigger = armed;
  let commits = 0;
  const dieAt = (commit: number, when: Trigger["when"]): void => {
    if (trigger?.commit === commit && trigger.when === when) process.kill(process.pid, "SIGKILL");
  };
  return {
    arm: (next) => {
      trigger = next;
      commits = 0;
    },
    store: {
      ...inner,
      commit: async (batch) => {
        const commit = ++commits;
        dieAt(commit, "before");
        const written = await inner.commit(batch);
        dieAt(commit, "behind");
        return written;
      },
    },
  };
}
