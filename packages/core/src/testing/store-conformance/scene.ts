import assert from "node:assert/strict";
import type { NewEvent, OrquestraEvent } from "@orquestra/protocol";
import { newId } from "../../lib/ids.ts";
import {
  type Batch,
  type Change,
  type SessionRecord,
  type Store,
  StoreError,
  type StoreErrorCode,
} from "../../persistence/index.ts";

export interface StoreUnderTest {
  readonly store: Store;
  /** Closes the store and opens it again on the same data; absent for a store that does not outlive its process. */
  reopen?(): Promise<Store>;
  dispose(): Promise<void>;
}

export type StoreCheck = (scene: Scene) => Promise<void>;

/** A user with a session of its own, so that cases may share one store. */
export interface Scene {
  readonly tested: StoreUnderTest;
  readonly store: Store;
  readonly userId: string;
  readonly sessionId: string;
}

export const at = "2026-03-01T10:00:00.123Z";

export async function openScene(tested: StoreUnderTest): Promise<Scene> {
  const { store } = tested;
  const userId = newId();
  const sessionId = newId();
  await store.commit(changes({ put: "sessions", record: session({ id: sessionId, userId }) }));
  return { tested, store, userId, sessionId };
}

export function session(given: Partial<SessionRecord> & Pick<SessionRecord, "id" | "userId">): SessionRecord {
  return {
    tenant: "home",
    title: "A session",
    workspace: null,
    model: "demo",
    mode: "ask",
    planFormat: null,
    archived: false,
    createdAt: at,
    updatedAt: at,
    ...given,
  };
}

export function changes(...list: readonly Change[]): Batch {
  return { sessionId: null, events: [], changes: list, at };
}

export function notices(sessionId: string, ...texts: readonly string[]): Batch {
  return { sessionId, events: texts.map(notice), changes: [], at };
}

export function notice(text: string): NewEvent {
  return { type: "notice", data: { text } };
}

/** The texts of notices, as the log has them. */
export function textsOf(events: readonly OrquestraEvent[]): readonly string[] {
  return events.map((event) => (event.type === "notice" ? event.data.text : event.type));
}

export function seqsOf(events: readonly OrquestraEvent[]): readonly number[] {
  return events.map((event) => event.seq);
}

export function idsOf(records: readonly { readonly id: string }[]): readonly string[] {
  return records.map((record) => record.id);
}

export async function assertRefused(work: Promise<unknown>, code: StoreErrorCode): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof StoreError, `a StoreError, not ${String(error)}`);
    assert.equal(error.code, code);
    return true;
  });
}
