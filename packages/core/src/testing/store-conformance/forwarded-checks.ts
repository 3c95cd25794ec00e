import assert from "node:assert/strict";
import type { Command } from "@orquestra/protocol";
import { newId } from "../../lib/ids.ts";
import type { ForwardedCommand } from "../../persistence/index.ts";
import { hardText, run } from "./records.ts";
import { at, changes, type Scene, type StoreCheck } from "./scene.ts";

function forwarded({ userId, sessionId }: Scene, text = "stop"): ForwardedCommand {
  const command: Command = { v: 1, id: newId(), type: "run-steer", data: { runId: newId(), text } };
  return { userId, sessionId, command, at };
}

/** A node that holds the scene's session. */
async function holder({ store, ...home }: Scene): Promise<string> {
  const nodeId = `node-${newId()}`;
  await store.ownership.beat(nodeId, { leaseMs: 600_000 });
  await store.commit(changes({ put: "runs", record: run(home) }));
  assert.ok(await store.ownership.claim({ sessionId: home.sessionId, nodeId, parked: false }));
  return nodeId;
}

export const forwardedChecks: { readonly [title: string]: StoreCheck } = {
  "hands forwarded commands to the holder of their session, as they were posted": async (scene) => {
    const { ownership, forwarded: commands } = scene.store;
    const posted = [forwarded(scene, hardText), forwarded(scene, "b\0c"), forwarded(scene)];
    for (const each of posted) await commands.post(each);
    const nodeId = await holder(scene);
    assert.deepEqual(await commands.waitingFor(nodeId, 10), posted);
    assert.deepEqual(await commands.waitingFor(nodeId, 2), posted.slice(0, 2));
    assert.deepEqual(await commands.waitingFor("another", 10), []);
    await ownership.end(nodeId);
    assert.deepEqual(await commands.waitingFor(nodeId, 10), [], "who is gone holds nothing");
  },
  "keeps the answer of a forwarded command until it is deleted": async (scene) => {
    const { userId, store } = scene;
    const { forwarded: commands } = store;
    const nodeId = await holder(scene);
    const [one, two] = [forwarded(scene), forwarded(scene)];
    await commands.post(one);
    await commands.post(two);
    assert.equal(await commands.answerOf(userId, one.command.id), null);
    await commands.answer(userId, one.command.id, { ok: true, reply: { text: hardText, nothing: null } });
    await commands.answer(userId, one.command.id, { ok: true, reply: "a second time" });
    const error = { code: "busy", message: "It is busy.", retryable: true };
    await commands.answer(userId, two.command.id, { ok: false, error });
    assert.deepEqual(await commands.waitingFor(nodeId, 10), []);
    assert.deepEqual(await commands.answerOf(userId, one.command.id), { ok: true, reply: { text: hardText, nothing: null } });
    assert.deepEqual(await commands.answerOf(userId, two.command.id), { ok: false, error });
    await commands.delete(userId, one.command.id);
    assert.equal(await commands.answerOf(userId, one.command.id), undefined);
    await commands.answer(userId, one.command.id, { ok: true, reply: {} });
    assert.equal(await commands.answerOf(userId, one.command.id), undefined);
  },
  "keeps a forwarded command that is there already, and those of users apart": async (scene) => {
    const { userId, store } = scene;
    const { forwarded: commands } = store;
    const nodeId = await holder(scene);
    const first = forwarded(scene, "first");
    const theirs = { ...first, userId: newId() };
    await Promise.all([commands.post(first), commands.post(first)]);
    await commands.post({
      ...forwarded(scene, "second"),
      command: { ...forwarded(scene, "second").command, id: first.command.id },
    });
    await commands.post(theirs);
    assert.deepEqual(await commands.waitingFor(nodeId, 10), [first, theirs]);
    await commands.answer(userId, first.command.id, { ok: true, reply: {} });
    assert.deepEqual(await commands.waitingFor(nodeId, 10), [theirs]);
    assert.equal(await commands.answerOf(theirs.userId, first.command.id), null);
  },
  "forgets forwarded commands older than asked for": async (scene) => {
    const { userId, store } = scene;
    const old = { ...forwarded(scene), at: "1990-01-01T00:00:00.000Z" };
    const young = { ...forwarded(scene), at: "1990-01-02T00:00:00.000Z" };
    await store.forwarded.post(old);
    await store.forwarded.post(young);
    assert.equal(await store.forwarded.trim(young.at), 1);
    assert.equal(await store.forwarded.answerOf(userId, old.command.id), undefined);
    assert.equal(await store.forwarded.answerOf(userId, young.command.id), null);
  },
};
