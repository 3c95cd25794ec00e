import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OrquestraEvent } from "./event.ts";
import type { Delta } from "./frame.ts";
import { findActivePart, openParts } from "./find.ts";
import { SequenceGap, applyDelta, applyEvent, emptySession } from "./reducer.ts";
import { sessionStateSchema } from "./snapshot.ts";
import type { SessionState } from "./state.ts";
import { type ScriptFrame, scriptOf, scriptSession } from "./testing/session-script.ts";
import { trimSession } from "./trim.ts";

const choices = fc.array(fc.nat(10_000), { maxLength: 150, size: "max" });
const script = choices.map((numbers) => scriptOf(numbers));

function apply(state: SessionState, frame: ScriptFrame): SessionState {
  return frame.type === "delta" ? applyDelta(state, frame) : applyEvent(state, frame);
}

function play(frames: readonly ScriptFrame[], from = emptySession(scriptSession)): SessionState {
  return frames.reduce(apply, from);
}

/** As it would come out of a server's snapshot on the other side. */
function overTheWire(state: SessionState): SessionState {
  return sessionStateSchema.parse(JSON.parse(JSON.stringify(state)));
}

function eventsOf(frames: readonly ScriptFrame[]): OrquestraEvent[] {
  return frames.filter((frame) => frame.type !== "delta");
}

/** The runs of the thread, in its order. One whose messages do not stand together is there twice. */
function runsIn({ messages }: SessionState): readonly (string | null)[] {
  const order = messages.map(({ runId }) => runId);
  return order.filter((runId, index) => index === 0 || runId !== order[index - 1]);
}

describe("the reducer, whatever happens in a session", () => {
  it("gives the same for a snapshot of any prefix and the rest as for the whole", () => {
    fc.assert(
      fc.property(script, fc.nat(), (frames, number) => {
        const cut = number % (frames.length + 1);
        expect(play(frames.slice(cut), overTheWire(play(frames.slice(0, cut))))).toEqual(play(frames));
      }),
    );
  });

  it("ignores events that come again, however late", () => {
    fc.assert(
      fc.property(script, fc.array(fc.tuple(fc.nat(), fc.nat())), (frames, repeats) => {
        const noisy = [...frames];
        for (const [which, delay] of repeats) {
          const index = which % noisy.length;
          const frame = noisy[index];
          if (frame !== undefined && frame.type !== "delta") noisy.splice(index + 1 + (delay % 20), 0, frame);
        }
        expect(play(noisy)).toEqual(play(frames));
      }),
    );
  });

  it("heals every part when it closes, whatever became of its deltas", () => {
    const fate = fc.constantFrom<Fate[]>("kept", "dropped", "doubled", "stretched", "late");
    fc.assert(
      fc.property(script, fc.infiniteStream(fate), (frames, fates) => {
        const golden = play(frames);
        const state = play(disturb(frames, fates));
        expect(openParts(state)).toEqual([]);
        expect(state).toEqual(golden);
      }),
    );
  });

  it("never shows text that is not a beginning of what the part will say", () => {
    const fate = fc.constantFrom<Fate[]>("kept", "kept", "dropped", "doubled", "stretched", "late");
    fc.assert(
      fc.property(script, fc.infiniteStream(fate), (frames, fates) => {
        const whole = new Map(
          frames.flatMap((frame) => (frame.type === "part-closed" ? [[frame.data.partId, frame.data.text]] : [])),
        );
        let state = emptySession(scriptSession);
        for (const frame of disturb(frames, fates)) {
          state = apply(state, frame);
          for (const part of openParts(state)) expect(whole.get(part.partId)?.startsWith(part.text)).toBe(true);
        }
      }),
    );
  });

  it("throws for a gap and leaves the state as it was", () => {
    fc.assert(
      fc.property(script, fc.nat(), (frames, number) => {
        const events = eventsOf(frames);
        const missing = number % events.length;
        const state = play(events.slice(0, missing));
        const early = events[missing + 1];
        if (early === undefined) return;
        expect(() => applyEvent(state, early)).toThrow(SequenceGap);
        expect(play(events.slice(missing), state)).toEqual(play(events));
      }),
    );
  });

  it("gives the same trimmed, when it was trimmed in the middle already", () => {
    const withoutRemovals = choices.map((numbers) => scriptOf(numbers, { removals: false }));
    fc.assert(
      fc.property(withoutRemovals, fc.nat(), fc.integer({ min: 1, max: 12 }), (frames, number, messages) => {
        const cut = number % (frames.length + 1);
        const prefix = play(frames.slice(0, cut));
        const queued = Object.values(prefix.activeRuns).filter((run) => run.status === "queued").length;
        // A queue longer than the cut would lose messages that move later: servers keep 50.
        fc.pre(queued < messages);
        const trimmed = play(frames.slice(cut), trimSession(prefix, messages));
        expect(trimSession(trimmed, messages)).toEqual(trimSession(play(frames), messages));
      }),
    );
  });

  it("keeps each run's messages together, runs as they left the queue, and what waits last", () => {
    fc.assert(
      fc.property(script, (frames) => {
        let state = emptySession(scriptSession);
        const left = new Set<string | null>();
        for (const frame of frames) {
          state = apply(state, frame);
          if (/^run-(started|cancelled)$/.test(frame.type) && "runId" in frame) left.add(frame.runId ?? null);
          const order = runsIn(state);
          const waiting = order.filter((runId) => !left.has(runId));
          expect(order).toEqual([...[...left].filter((runId) => order.includes(runId)), ...waiting]);
        }
      }),
    );
  });

  it("keeps the identity of everything an event does not speak of", () => {
    fc.assert(
      fc.property(script, (frames) => {
        let before = emptySession(scriptSession);
        for (const frame of frames) {
          const after = apply(before, frame);
          expect(replaced(before, after, frame)).toEqual([]);
          before = after;
        }
      }),
    );
  });
});

type Fate = "kept" | "dropped" | "doubled" | "stretched" | "late";

function* disturbed(frame: Delta, fate: Fate, whole: string): Generator<Delta> {
  if (fate === "kept" || fate === "doubled") yield frame;
  if (fate === "doubled") yield frame;
  // Coalesced by the server: begins earlier, and overlaps with what is there.
  if (fate === "stretched") yield { ...frame, offset: 0, text: whole.slice(0, frame.offset + frame.text.length) };
}

function disturb(frames: readonly ScriptFrame[], fates: Iterator<Fate>): ScriptFrame[] {
  const wholes = new Map<string, string>();
  const late: Delta[] = [];
  return frames.flatMap((frame): ScriptFrame[] => {
    if (frame.type !== "delta") return [frame, ...late.splice(0)];
    const whole = (wholes.get(frame.partId) ?? "") + frame.text;
    wholes.set(frame.partId, whole);
    const next = fates.next();
    const fate = next.done === true ? "kept" : next.value;
    if (fate === "late") late.push(frame);
    return [...disturbed(frame, fate, whole)];
  });
}

/** What got a new identity, or is gone, though the frame does not name it. */
function replaced(before: SessionState, after: SessionState, frame: ScriptFrame): readonly unknown[] {
  const named = new Set(namedBy(before, frame));
  const runs = Object.values({ ...before.endedRuns, ...before.activeRuns });
  const parents = frame.type === "delta" ? [before.messages, before.endedRuns] : [];
  const unnamed = [
    ...parents,
    ...before.messages.filter(({ messageId }) => !named.has(messageId)),
    ...runs.filter(({ runId }) => !named.has(runId)),
    ...runs.flatMap(({ todos }) => todos.filter(({ id }) => !named.has(id))),
    ...runs.flatMap(({ parts }) => parts.filter(({ partId }) => !named.has(partId))),
  ];
  const kept = everythingIn(after);
  return unnamed.filter((entity) => !kept.has(entity));
}

function everythingIn(state: SessionState): ReadonlySet<unknown> {
  const runs = Object.values({ ...state.endedRuns, ...state.activeRuns });
  return new Set<unknown>([
    state.messages,
    state.endedRuns,
    ...state.messages,
    ...runs,
    ...runs.flatMap(({ todos, parts }) => [...todos, ...parts]),
  ]);
}

/** The ids an event changes by its own words; a closed part also fills its message, a removed message takes its queued run along. */
function namedBy(state: SessionState, frame: ScriptFrame): readonly (string | undefined)[] {
  if (frame.type === "delta") return [frame.partId, findActivePart(state, frame.partId)?.run.runId];
  const { data, runId } = frame;
  const ids = [runId];
  if ("messageId" in data) ids.push(data.messageId);
  if ("todoId" in data) ids.push(data.todoId);
  if ("todo" in data) ids.push(data.todo.id);
  if ("partId" in data) ids.push(data.partId, findActivePart(state, data.partId)?.part.messageId);
  return ids;
}
