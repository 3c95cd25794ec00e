import type { Batch, Change, Store } from "../../persistence/index.ts";
import type { Redactor } from "./redactor.ts";

/**
 * A store that no secret is written to: what commits passes here, whoever writes it, and what comes back of its events is what is told.
 * What names rows and folders stays as it is, and so do the bytes of files.
 */
export function redactedStore(store: Store, redactor: Redactor): Store {
  const kept = new WeakMap<Batch, Batch>();
  /** One that is committed again, or asked for, must be the same object for the store, too. */
  const sameFor = (batch: Batch): Batch => {
    const found = kept.get(batch) ?? (redactor.isEmpty ? batch : redactedBatch(batch, redactor));
    if (found !== batch) kept.set(batch, found);
    return found;
  };
  return {
    ...store,
    ping: () => store.ping(),
    close: () => store.close(),
    commit: (batch) => store.commit(sameFor(batch)),
    settle: (batch) => store.settle(sameFor(batch)),
  };
}

function redactedBatch(batch: Batch, redactor: Redactor): Batch {
  const events = redactor.json(batch.events);
  const changes = redactedChanges(batch.changes, redactor);
  const reply = redactor.json(batch.command?.reply);
  if (events === batch.events && changes === batch.changes && reply === batch.command?.reply) return batch;
  const command = batch.command === undefined || reply === undefined ? {} : { command: { ...batch.command, reply } };
  return { ...batch, events, changes, ...command };
}

function redactedChanges(changes: readonly Change[], redactor: Redactor): readonly Change[] {
  const clean = changes.map((change) => redactedChange(change, redactor));
  return clean.every((change, index) => change === changes[index]) ? changes : clean;
}

function redactedChange(change: Change, redactor: Redactor): Change {
  if (!("put" in change)) return change;
  switch (change.put) {
    case "sessions": {
      const title = redactor.text(change.record.title);
      return title === change.record.title ? change : { ...change, record: { ...change.record, title } };
    }
    case "users":
    case "logins":
    case "checkpoints":
      return change;
    default:
      return redactor.json(change);
  }
}
