import type { Store } from "@orquestra/core";

/** Dies at a step of the journal, the so-manieth from when it was armed: right before it is written, or right behind that. */
export interface Trigger {
  readonly step: number;
  readonly when: "before" | "behind";
}

export interface KillSwitch {
  readonly store: Store;
  /** Steps are counted anew. Null: it does not die. */
  readonly arm: (trigger: Trigger | null) => void;
}

/**
 * A store whose process dies at a chosen step, as `kill -9` ends it: nothing is closed, nothing is flushed. Steps are commits,
 * claims of runs, and what is written for commands that travel between nodes.
 */
export function killSwitch(inner: Store, armed: Trigger | null): KillSwitch {
  let trigger = armed;
  let steps = 0;
  const dieAt = (step: number, when: Trigger["when"]): void => {
    if (trigger?.step === step && trigger.when === when) process.kill(process.pid, "SIGKILL");
  };
  const step = async <T>(write: () => Promise<T>): Promise<T> => {
    const number = ++steps;
    dieAt(number, "before");
    const written = await write();
    dieAt(number, "behind");
    return written;
  };
  const { ownership, forwarded } = inner;
  return {
    arm: (next) => {
      trigger = next;
      steps = 0;
    },
    store: {
      ...inner,
      commit: (batch) => step(() => inner.commit(batch)),
      ownership: { ...ownership, claim: (claim) => step(() => ownership.claim(claim)) },
      forwarded: {
        ...forwarded,
        post: (command) => step(() => forwarded.post(command)),
        answer: (...args) => step(() => forwarded.answer(...args)),
      },
    },
  };
}
