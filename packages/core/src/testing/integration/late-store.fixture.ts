import { setImmediate as nextTurn } from "node:timers/promises";
import { type Store, StoreError } from "../../persistence/index.ts";
import { deferred } from "../engine-harness.ts";

/** A store that says some turns of the event loop later what it has done, as one behind a network does: others see it before. */
export function lateStore(store: Store, turns: () => number): Store {
  return {
    ...store,
    commit: async (batch) => {
      const events = await store.commit(batch);
      for (let left = turns(); left > 0; left -= 1) await nextTurn();
      return events;
    },
  };
}

export interface Outage {
  readonly store: Store;
  /** Whether the database is out of reach. */
  down: boolean;
  /** Takes it away right behind the next commit that succeeds. */
  downAfterNextCommit(): void;
  /** Takes it away when it is asked this the next time: `toolUsage.list`. */
  downAt(question: string): void;
  /** Resolves at the next thing that fails for it. */
  refused(): Promise<void>;
}

/** A store whose database can be taken away: until it is back everything fails with what the adapters say then. */
export function outage(store: Store): Outage {
  const waiting = new Set<() => void>();
  let lastCommit = false;
  let lastQuestion: string | null = null;
  const guard = <T extends object>(room: T, path = ""): T =>
    new Proxy(room, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        const question = `${path}${String(name)}`;
        if (typeof member === "object" && member !== null) return guard(member, `${question}.`);
        // What is refused here was never sent, so it was not written.
        if (typeof member !== "function" || name === "close" || name === "settle") return member;
        return (...args: unknown[]): unknown => {
          if (question === lastQuestion) {
            state.down = true;
            lastQuestion = null;
          }
          if (!state.down) {
            state.down = lastCommit && name === "commit";
            lastCommit &&= !state.down;
            return Reflect.apply(member, target, args);
          }
          for (const resolve of waiting) resolve();
          waiting.clear();
          return Promise.reject(new StoreError("unavailable", "connect ECONNREFUSED 127.0.0.1:5432", { retryable: true }));
        };
      },
    });
  const state: Outage = {
    store: guard(store),
    down: false,
    downAfterNextCommit: () => {
      lastCommit = true;
    },
    downAt: (question) => {
      lastQuestion = question;
    },
    refused: () => new Promise((resolve) => waiting.add(resolve)),
  };
  return state;
}

export interface Holding {
  readonly store: Store;
  /** Holds an answer back: the next, or the one after so many more. Returns what releases it. */
  readonly hold: (after?: number) => () => void;
  /** Resolves when an answer is held. */
  readonly held: () => Promise<void>;
}

type Question = "commands.get" | "ownership.claim" | "runs.active" | "runs.get" | "rules.list" | "approvals.list";

/** A store whose answers to one question can be held back: they are made when it is asked, and told when they are released. */
export function holding(inner: Store, question: Question): Holding {
  let gate: Promise<void> | null = null;
  let left = 0;
  const arrived = deferred();
  const late = async <T>(name: Question, ask: () => Promise<T>): Promise<T> => {
    const held = name === question && left-- === 0 ? gate : null;
    const value = await ask();
    if (held === null) return value;
    gate = null;
    arrived.resolve();
    await held;
    return value;
  };
  const runs: Store["runs"] = {
    ...inner.runs,
    active: (sessionId) => late("runs.active", () => inner.runs.active(sessionId)),
    get: (id) => late("runs.get", () => inner.runs.get(id)),
  };
  const ownership: Store["ownership"] = {
    ...inner.ownership,
    claim: (claim) => late("ownership.claim", () => inner.ownership.claim(claim)),
  };
  const commands: Store["commands"] = {
    ...inner.commands,
    get: (userId, id) => late("commands.get", () => inner.commands.get(userId, id)),
  };
  const rules: Store["rules"] = { list: (userId) => late("rules.list", () => inner.rules.list(userId)) };
  const approvals: Store["approvals"] = {
    ...inner.approvals,
    list: (runId) => late("approvals.list", () => inner.approvals.list(runId)),
  };
  return {
    store: { ...inner, commands, ownership, runs, rules, approvals },
    hold: (after = 0) => {
      const { promise, resolve } = deferred();
      gate = promise;
      left = after;
      return resolve;
    },
    held: () => arrived.promise,
  };
}
