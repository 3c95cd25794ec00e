import type { NamedBatch } from "./commit-statements.ts";
import { homeOf } from "./home-session.ts";
import { Together } from "./together.ts";

/** Writes batches in one transaction, all or none. Resolves, for each, with the newest seq of its session until then; null without events. */
export type Write = (group: readonly NamedBatch[]) => Promise<readonly (number | null)[]>;

interface Homed extends NamedBatch {
  /** The session it belongs to whole; null where it must be alone. */
  readonly home: string | null;
}

/** Of one transaction: batches, and events with changes in all of them, unless the first alone has more. */
const mostBatches = 64;
const mostWeight = 1000;

/** Batches of different sessions share a transaction. `lanes`: transactions at the same time. */
export class GroupCommit {
  readonly #together: Together<Homed, number | null>;

  constructor(write: Write, lanes: number) {
    this.#together = new Together({ lanes, chooser, carryOut: write });
  }

  commit({ batch, id }: NamedBatch): Promise<number | null> {
    return this.#together.add({ batch, id, home: homeOf(batch) });
  }

  /** Resolves when what was given is written or refused. */
  close(): Promise<void> {
    return this.#together.close();
  }
}

/** The first, and of those behind it what may go with it, up to the bounds. Nothing overtakes what came before it for its session. */
function chooser(): (homed: Homed) => boolean {
  const sessions = new Set<string | null>();
  let first: Homed | null = null;
  let batches = 0;
  let weight = 0;
  return (homed) => {
    const { batch, home } = homed;
    const heavier = weight + batch.events.length + batch.changes.length;
    const joins = home !== null && first?.home !== null && !sessions.has(home);
    const goes = first === null || (joins && batches < mostBatches && heavier <= mostWeight);
    sessions.add(batch.sessionId ?? home);
    first ??= homed;
    if (!goes) return false;
    batches += 1;
    weight = heavier;
    return true;
  };
}
